// A Pulumi CLI that the user installed.

import fs from "node:fs";
import path from "node:path";
import { askVersion } from "./ask-version.mjs";
import { isNewEnough, PROGRAMS, PULUMI_VERSION } from "./version.mjs";

/** @returns {Promise<import("../pulumi-cli.mjs").Pulumi | string>} or why there is none */
export async function findOnPath() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(path.isAbsolute);
  const bin = folders.map(folder => path.join(folder, "pulumi")).find(isProgram);
  if (!bin) return "no `pulumi` there";
  // Pulumi finds its plugins on PATH and beside its own program, symbolic links followed.
  const places = [...folders, path.dirname(fs.realpathSync(bin))];
  const missing = PROGRAMS.filter(name => !places.some(folder => isProgram(path.join(folder, name))));
  if (missing.length > 0) return `${bin} has no ${missing.join(" and no ")} beside it or on PATH`;
  const version = await askVersion(bin).catch(error => `unknown (${error.message})`);
  if (!isNewEnough(version))
    return `${bin} is version ${version}, and ${PULUMI_VERSION} or a later 3 is needed`;
  return { bin, version, source: "path" };
}

/** @param {string} file */
function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

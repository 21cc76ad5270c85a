// The user's cache of the pinned Pulumi CLI, shared by all clones: one folder per version and platform. It appears by
// one rename, complete and tried, or not at all.

import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { ROOT } from "../clone.mjs";
import { askVersion } from "./ask-version.mjs";
import { PROGRAMS, PULUMI_VERSION } from "./version.mjs";

export function cacheFolder() {
  const { XDG_CACHE_HOME: xdg = "" } = process.env;
  const usual = path.join(os.homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache");
  const key = `pulumi-${PULUMI_VERSION}-${process.platform}-${process.arch}`;
  return path.join(path.isAbsolute(xdg) ? xdg : usual, "pulumi-tutum", key);
}

/** @returns {import("../pulumi-cli.mjs").Pulumi | undefined} */
export function findInCache() {
  const bin = path.join(cacheFolder(), "bin");
  if (!PROGRAMS.every(name => fs.existsSync(path.join(bin, name)))) return undefined;
  return { bin: path.join(bin, "pulumi"), version: PULUMI_VERSION, source: "cache" };
}

/**
 * Called with the cache's lock held.
 * @param {(folder: string) => Promise<void>} obtain puts `bin/pulumi` and `bin/pulumi-language-nodejs` into a folder
 */
export async function publish(obtain) {
  const target = cacheFolder();
  const parent = path.dirname(target);
  fs.mkdirSync(parent, { recursive: true });
  for (const name of fs.readdirSync(parent)) {
    // Left by set-ups that were killed: the lock is ours, so nobody works there now.
    if (name.startsWith(`${path.basename(target)}.making-`)) remove(path.join(parent, name));
  }
  const making = fs.mkdtempSync(`${target}.making-`);
  try {
    const bin = path.join(making, "bin");
    fs.mkdirSync(bin);
    await obtain(making);
    copyDynamicProviderLauncher(bin);
    const version = await askVersion(path.join(bin, "pulumi"));
    if (version !== PULUMI_VERSION) throw new Error(`gave version ${version} instead of ${PULUMI_VERSION}`);
    for (const name of PROGRAMS) flushToDisk(path.join(bin, name));
    fs.chmodSync(making, 0o755);
    remove(target); // incomplete, or findInCache would have found it
    fs.renameSync(making, target);
  } finally {
    remove(making);
  }
}

/**
 * The launcher of dynamic providers is a script inside the npm package of the SDK.
 * @param {string} bin
 */
function copyDynamicProviderLauncher(bin) {
  const name = "pulumi-resource-pulumi-nodejs";
  const target = path.join(bin, name);
  if (fs.existsSync(target)) return; // the vendor's download has it
  const sdk = path.dirname(
    createRequire(path.join(ROOT, "package.json")).resolve("@pulumi/pulumi/package.json"),
  );
  const source = [path.join(sdk, name), path.join(sdk, "dist", name)].find(fs.existsSync);
  if (!source) throw new Error(`${name} is not in ${sdk}: was the npm package changed?`);
  fs.copyFileSync(source, target);
  fs.chmodSync(target, 0o755);
}

/** A power cut after the rename must not leave a complete-looking folder of empty files. @param {string} file */
function flushToDisk(file) {
  const descriptor = fs.openSync(file, "r");
  fs.fsyncSync(descriptor);
  fs.closeSync(descriptor);
}

/** @param {string} folder */
function remove(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
}

// The pinned Pulumi CLI in the user's cache: one folder per version and platform, published when it has been tried.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { ROOT } from "../clone.mjs";
import * as userCache from "../user-cache.mjs";
import { askVersion } from "./ask-version.mjs";
import { PROGRAMS, PULUMI_VERSION } from "./version.mjs";

export function cacheFolder() {
  return userCache.cached(`pulumi-${PULUMI_VERSION}-${process.platform}-${process.arch}`);
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
  await userCache.publish(cacheFolder(), async folder => {
    const bin = path.join(folder, "bin");
    fs.mkdirSync(bin);
    await obtain(folder);
    copyDynamicProviderLauncher(bin);
    const version = await askVersion(path.join(bin, "pulumi"));
    if (version !== PULUMI_VERSION) throw new Error(`gave version ${version} instead of ${PULUMI_VERSION}`);
    for (const name of PROGRAMS) flushToDisk(path.join(bin, name));
  });
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

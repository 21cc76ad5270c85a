// The versions of the Pulumi SDK that the package is proven with, installed once per machine in the user's cache:
// `lowest` is the lower end of our peer range and runs on this Node, `newest` is the newest published one on the newest
// Node. Both are pinned by lockfiles in test/compat/. `node tools/sdks.mjs` prints where they are, as JSON.
//
// To raise the newest: put the new versions (the node packages all alike) into test/compat/newest/package.json and run there
//   rm package-lock.json && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

import fs from "node:fs";
import path from "node:path";
import { ensurePackages } from "./cached-packages.mjs";
import { isMain, ROOT } from "./clone.mjs";
import { say } from "./progress.mjs";

/**
 * `bin` has the `node` to run it with, when that is another than this one: it has to come first on PATH.
 * @typedef {{ version: string, modules: string, bin?: string }} Sdk
 */

/** @returns {Promise<{ lowest: Sdk, newest: Sdk }>} */
export async function ensureSdks() {
  return { lowest: await ensureSdk("lowest"), newest: await ensureSdk("newest") };
}

/**
 * @param {"lowest" | "newest"} name
 * @returns {Promise<Sdk>}
 */
async function ensureSdk(name) {
  const manifests = path.join(ROOT, "test", "compat", name);
  const { packages } = JSON.parse(fs.readFileSync(path.join(manifests, "package-lock.json"), "utf8"));
  const { version } = packages["node_modules/@pulumi/pulumi"];
  const folder = await ensurePackages(manifests, `sdk-${version}`, `Version ${version} of the Pulumi SDK`);
  const modules = path.join(folder, "node_modules");
  const bin = path.join(modules, ".bin");
  return { version, modules, ...(fs.existsSync(path.join(bin, "node")) && { bin }) };
}

if (isMain(import.meta.url)) {
  await ensureSdks().then(
    sdks => console.log(JSON.stringify(sdks)),
    error => {
      say(error.message);
      process.exitCode = 1;
    },
  );
}

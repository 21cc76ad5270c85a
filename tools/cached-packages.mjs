// npm packages that only some tests need, pinned by a lockfile of their own and installed once per machine.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { withLock } from "./lock.mjs";
import { installPackages, packagesAreInstalled } from "./npm-packages.mjs";
import { say } from "./progress.mjs";
import { cached, publish } from "./user-cache.mjs";

/**
 * The folder in the user's cache that holds their node_modules.
 * @param {string} manifests folder of package.json and package-lock.json
 * @param {string} key begins the folder's name
 * @param {string} title begins the sentence that says they are missing
 */
export async function ensurePackages(manifests, key, title) {
  const lockfile = fs.readFileSync(path.join(manifests, "package-lock.json"));
  const hash = createHash("sha256").update(lockfile).digest("hex").slice(0, 12);
  const folder = cached(`${key}-${process.platform}-${process.arch}-${hash}`);
  if (packagesAreInstalled(folder)) return folder;
  await withLock(`${folder}.lock`, `installing: ${title}`, async lock => {
    if (packagesAreInstalled(folder)) return; // by another, meanwhile
    say(`${title} is not on this machine yet. Getting it once, for all clones: ${folder}`);
    await publish(folder, async making => {
      for (const file of ["package.json", "package-lock.json"])
        fs.copyFileSync(path.join(manifests, file), path.join(making, file));
      await installPackages(making, lock);
    });
  });
  return folder;
}

// Folders in the user's cache, shared by all clones. Each appears by one rename, complete, or not at all.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** @param {string} key */
export function cached(key) {
  const { XDG_CACHE_HOME: xdg = "" } = process.env;
  const usual = path.join(os.homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache");
  return path.join(path.isAbsolute(xdg) ? xdg : usual, "pulumi-tutum", key);
}

/**
 * Called with the folder's lock held.
 * @param {string} target a folder of the cache
 * @param {(folder: string) => Promise<void>} fill
 */
export async function publish(target, fill) {
  const parent = path.dirname(target);
  fs.mkdirSync(parent, { recursive: true });
  for (const name of fs.readdirSync(parent)) {
    // Left by set-ups that were killed: the lock is ours, so nobody works there now.
    if (name.startsWith(`${path.basename(target)}.making-`)) remove(path.join(parent, name));
  }
  const making = fs.mkdtempSync(`${target}.making-`);
  try {
    await fill(making);
    fs.chmodSync(making, 0o755);
    remove(target); // incomplete, or nobody would fill it again
    fs.renameSync(making, target);
  } finally {
    remove(making);
  }
}

/** @param {string} folder */
function remove(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
}

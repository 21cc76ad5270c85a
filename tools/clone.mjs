// This clone: where it is, and the lock of whatever changes its node_modules or dist.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Git-ignored: all that belongs to this clone alone. */
export const LOCAL = path.join(ROOT, ".local");

export const CLONE_LOCK = path.join(LOCAL, "set-up-lock");

/**
 * Whether a module is the program that node was started with.
 * @param {string} url its import.meta.url
 */
export function isMain(url) {
  return process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(url);
}

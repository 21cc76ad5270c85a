import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Reads files that a stack file names, relative to it; undefined for one that cannot be read. */
export function siblingReader(stackFile: string): (path: string) => string | undefined {
  return path => {
    try {
      return readFileSync(resolve(dirname(stackFile), path), "utf8");
    } catch {
      return undefined;
    }
  };
}

/** Small files that others read at any time: whole or not at all, also after a power failure. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../errors";
import { reasonOf } from "./disk-errors";

/** Does nothing when the file says that already: it needs no room then. Throws a `UserError` when it can't. */
export function writePrivate(file: string, text: string): void {
  if (contentOf(file) === text) return;
  const draft = `${file}.tmp`;
  try {
    const handle = openSync(draft, "w", 0o600);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new UserError(`cannot write ${file}: ${reasonOf(error)}`);
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

import { randomUUID } from "node:crypto";
import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes a file that its owner alone can read: whole, or not at all. `change` is given what it holds, "" where it is not
 * there. A link to a file stays a link.
 */
export function changePrivateFile(path: string, change: (text: string) => string): void {
  const file = orIfMissing(path, () => realpathSync(path));
  const draft = `${file}.${randomUUID()}`;
  const text = change(orIfMissing("", () => readFileSync(file, "utf8")));
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: "wx", flush: true });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function orIfMissing<T>(instead: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return instead;
    throw error;
  }
}

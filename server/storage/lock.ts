/**
 * Keeps a second server off a data folder. Whoever holds the highest numbered `lock.<n>` file has the lock, if its
 * process lives; taking over from a dead one means creating the next number, which only one process can do.
 * The highest file is never deleted, also not when the lock is released: a number is never used twice, so nobody
 * who looked earlier can take a lock that has moved on.
 */
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors";

/** What a server exits with that found the folder taken. */
export const LOCKED_EXIT_CODE = 75;

interface Holder {
  pid: number;
  /** Tells a process from a later one with the same pid. */
  started: string;
}

/** Returns what releases the lock. Throws a `UserError` when another server has the folder. */
export function lockFolder(folder: string): () => void {
  const me: Holder = { pid: process.pid, started: startOf(process.pid) ?? "" };
  const draft = join(folder, `lock-draft.${process.pid}.${nextDraft++}`);
  writeFileSync(draft, JSON.stringify(me), { mode: 0o600 });
  try {
    for (;;) {
      const last = Math.max(0, ...numbers(folder));
      const holder = last > 0 ? read(folder, last) : undefined;
      if (holder && isAlive(holder)) {
        throw new UserError(
          `${folder} is in use by another tutum-server (process ${holder.pid})`,
          LOCKED_EXIT_CODE,
        );
      }
      const mine = last + 1;
      if (!claim(draft, lockFile(folder, mine))) continue;
      if (Math.max(...numbers(folder)) > mine) {
        rmSync(lockFile(folder, mine), { force: true });
        continue;
      }
      for (const older of numbers(folder)) if (older < mine) rmSync(lockFile(folder, older), { force: true });
      return () => writeFileSync(lockFile(folder, mine), "released");
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

let nextDraft = 1;

/** Created with its content in one step, or not at all. */
function claim(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function lockFile(folder: string, number: number): string {
  return join(folder, `lock.${number}`);
}

function numbers(folder: string): number[] {
  return readdirSync(folder).flatMap(name => {
    const match = /^lock\.(\d+)$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

function read(folder: string, number: number): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lockFile(folder, number), "utf8")) as Holder;
  } catch {
    return undefined; // released, or gone meanwhile
  }
}

export function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return now === undefined || now === started;
}

/** When the process started, where the system tells (Linux); zombies count as ended. */
function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the program's name in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "ended" : fields[19];
}

/**
 * Keeps a second server off a data folder. The highest numbered `lock.<n>` is a symbolic link whose text says who
 * holds the lock; taking over from a dead holder means making the next number, which only one process can do. The
 * highest is never removed, also not when the lock is released: a number is never used twice, so nobody who looked
 * earlier can take a lock that has moved on.
 *
 * Whether a holder lives is asked at its socket (`door.ts`). Where that says nothing, on a volume that two machines
 * share, it is seen by its heartbeat; a holder that stood still for so long that it was taken for dead notices that
 * the lock has moved on, and stores nothing more.
 */
import {
  closeSync,
  lstatSync,
  lutimesSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../errors";
import { codeOf, reasonOf } from "./disk-errors";
import { type Door, doorFile, doorTokens, knock, openDoor, watch } from "./door";
import {
  type Holder,
  isOfThisKernel,
  isOfThisNamespace,
  isProcess,
  nameOf,
  readHolder,
  textOf,
  thisProcess,
} from "./holder";

/** What a server exits with that found the folder taken. */
export const LOCKED_EXIT_CODE = 75;

const BEAT_MS = 2_000;
/** Without a heartbeat for so long, a holder on another machine is taken for dead. */
const PATIENCE_MS = 10_000;
const POLL_MS = 200;
/** What the process of a server that has released its lock may still take to end. */
const RELEASED_MS = 3_000;

export interface LockOptions {
  patience?: number;
  /** Called when it takes `patience` to see whether the holder lives. */
  onWait?: (holder: string) => void;
}

export interface FolderLock {
  /** Nobody else ever has the same. */
  readonly token: string;
  /** False once another server has taken the folder over. */
  holds(): boolean;
  /** Called once, as soon as it is noticed that the lock is lost. */
  onLost(lost: () => void): void;
  release(): void;
}

/** Throws a `UserError` when another server has the folder. */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<FolderLock> {
  for (;;) {
    const me = thisProcess();
    const door = await openDoor(folder, me.token);
    try {
      const number = await claim(folder, textOf(me), options);
      // Whoever looked before it was ours could have taken the socket for one that was left behind.
      if (door && (await knock(folder, me.token)) !== "listening") {
        door.close();
        continue;
      }
      await sweep(folder, number, me.token);
      return new HeldLock(folder, number, me.token, textOf(me), door);
    } catch (error) {
      door?.close();
      if (error instanceof UserError) throw error;
      throw new UserError(`cannot lock ${folder}: ${reasonOf(error)}`);
    }
  }
}

/** Whoever has the lock now, or had it when it ended without releasing it. */
export function lastHolder(folder: string): Holder | undefined {
  const last = highest(folder);
  return last > 0 ? readHolder(lockFile(folder, last)) : undefined;
}

/** The holder that lives; undefined when the folder is free. */
export async function livingHolder(folder: string, options: LockOptions = {}): Promise<Holder | undefined> {
  const holder = lastHolder(folder);
  return holder && (await isAlive(folder, highest(folder), holder, options)) ? holder : undefined;
}

/** Resolves with true when the holder has ended, with false when it has not in time. */
export type Ending = (timeout: number) => Promise<boolean>;

/** To be asked for before the server that has the folder is told to end. */
export async function watchHolder(folder: string): Promise<Ending> {
  const holder = lastHolder(folder);
  const isStill = (now = lastHolder(folder)) => now?.pid === holder?.pid && now?.token === holder?.token;
  const process = holder?.token === undefined ? undefined : await watch(folder, holder.token);
  return async timeout => {
    if (!holder) return true;
    const over = new AbortController();
    const { signal } = over;
    const timer = setTimeout(() => over.abort(), timeout);
    const released = async () => {
      while (isStill()) await delay(POLL_MS / 4, undefined, { signal });
      // Its process is about to end, too, unless it is not only this server's.
      if (process) await delay(RELEASED_MS, undefined, { signal });
    };
    try {
      await Promise.race([released().catch(() => {}), ...(process ? [process.ended] : [])]);
      return !signal.aborted;
    } finally {
      clearTimeout(timer);
      over.abort();
      process?.leave();
    }
  };
}

class HeldLock implements FolderLock {
  private beats = Math.floor(Date.now() / 1_000);
  /** When the last heartbeat was: by a clock that stops while the machine sleeps, and by one that may be set. */
  private beatAt = { steady: 0, wall: 0 };
  private isLost = false;
  private lost: (() => void) | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly folder: string,
    private readonly number: number,
    readonly token: string,
    private readonly text: string,
    private readonly door: Door | undefined,
  ) {
    this.beat();
    this.timer = setInterval(() => void this.holds(), BEAT_MS).unref();
  }

  onLost(lost: () => void): void {
    this.lost = lost;
  }

  readonly holds = (): boolean => {
    if (this.isLost) return false;
    // On a network's volume, only what changes something is sure to be asked of its server.
    if (this.isDue()) this.beat();
    if (this.isOurs()) return true;
    this.isLost = true;
    clearInterval(this.timer);
    this.lost?.();
    return false;
  };

  release(): void {
    clearInterval(this.timer);
    if (!this.isLost && this.isOurs()) {
      const file = lockFile(this.folder, this.number);
      try {
        // An empty file takes no space.
        closeSync(openSync(`${file}.tmp`, "w", 0o600));
        renameSync(`${file}.tmp`, file);
      } catch {
        // It stays as the lock of a process that has ended.
      }
    }
    this.door?.close();
  }

  private isDue(): boolean {
    const { steady, wall } = this.beatAt;
    return performance.now() - steady >= BEAT_MS - 50 || Math.abs(Date.now() - wall) >= 2 * BEAT_MS;
  }

  private beat(): void {
    this.beatAt = { steady: performance.now(), wall: Date.now() };
    this.beats++;
    try {
      lutimesSync(lockFile(this.folder, this.number), this.beats, this.beats);
    } catch {
      // Whether it is gone is asked next.
    }
  }

  private isOurs(): boolean {
    try {
      if (readlinkSync(lockFile(this.folder, this.number)) !== this.text) return false;
      return lstatSync(lockFile(this.folder, this.number + 1), { throwIfNoEntry: false }) === undefined;
    } catch (error) {
      const code = codeOf(error);
      // A disk that fails is another matter: it is told when something is stored.
      return code !== "ENOENT" && code !== "EINVAL" && code !== "ESTALE" && code !== "ENOTDIR";
    }
  }
}

/** Resolves with the number that is ours. */
async function claim(folder: string, text: string, options: LockOptions): Promise<number> {
  for (;;) {
    const last = highest(folder);
    const holder = last > 0 ? readHolder(lockFile(folder, last)) : undefined;
    if (holder && (await isAlive(folder, last, holder, options))) {
      throw new UserError(
        `${folder} is in use by another tutum-server (${nameOf(holder)})`,
        LOCKED_EXIT_CODE,
      );
    }
    const mine = last + 1;
    try {
      symlinkSync(text, lockFile(folder, mine));
    } catch (error) {
      if (codeOf(error) === "EEXIST") continue;
      throw error;
    }
    if (highest(folder) === mine) return mine;
    rmSync(lockFile(folder, mine), { force: true });
  }
}

async function isAlive(
  folder: string,
  number: number,
  holder: Holder,
  { patience = PATIENCE_MS, onWait }: LockOptions,
): Promise<boolean> {
  const answer = holder.token === undefined ? "absent" : await knock(folder, holder.token);
  if (answer === "listening") return true;
  if (isOfThisKernel(holder) && answer === "deserted") return false;
  if (isOfThisNamespace(holder)) return isProcess(holder);
  onWait?.(nameOf(holder));
  return beats(lockFile(folder, number), patience);
}

/** True when the heartbeat is seen within `patience`, by our own clock. */
async function beats(file: string, patience: number): Promise<boolean> {
  const seen = () => lstatSync(file, { throwIfNoEntry: false })?.mtimeMs;
  const before = seen();
  for (const start = performance.now(); performance.now() - start < patience; await delay(POLL_MS)) {
    const now = seen();
    if (now !== before) return now !== undefined;
  }
  return false;
}

/** What dead holders, and those that came too late, have left. */
async function sweep(folder: string, mine: number, token: string): Promise<void> {
  const names = readdirSync(folder);
  for (const name of names) {
    if (/^lock-draft\./.test(name) || /^lock\.\d+\.tmp$/.test(name))
      rmSync(join(folder, name), { force: true });
  }
  for (const older of numbersIn(names)) if (older < mine) rmSync(lockFile(folder, older), { force: true });
  for (const other of doorTokens(names)) {
    if (other !== token && (await knock(folder, other)) === "deserted")
      rmSync(doorFile(folder, other), { force: true });
  }
}

function lockFile(folder: string, number: number): string {
  return join(folder, `lock.${number}`);
}

function highest(folder: string): number {
  return Math.max(0, ...numbersIn(namesIn(folder)));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function numbersIn(names: readonly string[]): number[] {
  return names.flatMap(name => {
    const match = /^lock\.(\d+)$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

/**
 * The data folder: settings that stay from start to start, where the running server answers, and the lock.
 * For its owner's eyes only. A folder with other things in it is not taken over.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../errors";
import type { Logger } from "../ports/logger";
import type { Random } from "../ports/random";
import { reasonOf } from "./disk-errors";
import { type FolderLock, lockFolder } from "./lock";
import { writePrivate } from "./private-file";
import { type FolderSettings, isRepaired, readSettings, writeSettings } from "./settings";

/** Where the server on this folder answers, while it runs. */
export interface Running {
  pid: number;
  url: string;
}

export interface DataFolder {
  path: string;
  settings: FolderSettings;
  lock: FolderLock;
  /**
   * The server is ready: remembers how it is reached now and next time. On a full disk, as soon as there is room; throws
   * a `UserError` when nothing was remembered before, so that nobody would find the server, its key and its containers.
   */
  started(server: Omit<FolderSettings, "controlToken"> & { url: string }): void;
  close(): void;
}

const RETRY_MS = 5_000;
/** Only we have files of these names: where one is, the folder is a server's, whatever else is in it. */
const OURS = /^(lock\.\d+|(journal|snapshot)-\d+|settings\.copy|running\.json)$/;
/** A server's folder may have only these, and an empty volume may have some of them from the start. */
const UNSUSPICIOUS =
  /^(\.gitignore|\.gitkeep|\.DS_Store|lost\+found|server\.log(\.\d+|\.old)?|server\.err|start-.*\.err|lock[.-].*|settings\.(json|copy)(\.tmp)?|running\.json\.tmp|erasing|closed|proxy\.sock)$/;

/** Creates the folder if need be and locks it. Throws a `UserError` when another server has it. */
export async function openDataFolder(dataDir: string, random: Random, logger: Logger): Promise<DataFolder> {
  const path = resolve(dataDir);
  createDataFolder(path);
  const lock = await lockFolder(path, {
    onWait: holder => logger.warn({ holder }, "waiting to see whether another machine's server lives"),
  });
  let settings: FolderSettings;
  let isRemembered: boolean;
  try {
    const before = readSettings(path);
    isRemembered = before !== undefined;
    settings = before ?? { controlToken: random.token() };
    if (isRepaired(path)) logger.warn({ path }, "settings.json was damaged: it is made anew from its copy");
  } catch (error) {
    lock.release();
    throw error;
  }
  let open = true;
  let retry: NodeJS.Timeout | undefined;
  const remember = (kept: FolderSettings) => {
    if (!open || !lock.holds()) return;
    try {
      writeSettings(path, kept);
      isRemembered = true;
    } catch (error) {
      // Its copy may have been written.
      if (!isRemembered && !hasSettings(path)) throw unusable(path, error);
      if (!retry) logger.warn({ error: reasonOf(error) }, "the settings could not be written: trying again");
      retry = setTimeout(() => remember(kept), RETRY_MS).unref();
    }
  };
  return {
    path,
    settings,
    lock,
    started({ url, ...kept }) {
      remember({ ...settings, ...kept });
      writeRunning(path, { pid: process.pid, url });
    },
    close() {
      if (!open) return;
      open = false;
      clearTimeout(retry);
      if (lock.holds()) rmSync(runningFile(path), { force: true });
      lock.release();
    },
  };
}

export function createDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const names = readdirSync(path);
    const foreign = names.find(name => !OURS.test(name) && !UNSUSPICIOUS.test(name));
    if (foreign !== undefined && !names.some(name => OURS.test(name)) && !hasSettings(path)) {
      throw new UserError(
        `${path} has other things in it (${foreign}): choose an empty folder or one of tutum-server for --data`,
      );
    }
    // Keys and passwords live here: never to be committed.
    if (names.length === 0) writeFileSync(join(path, ".gitignore"), "*\n", { mode: 0o600 });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): UserError {
  return new UserError(`cannot use ${path} as data folder: ${reasonOf(error)}`);
}

/** Where another API than the first one keeps its records. */
export function recordsFolder(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Where any API has records: the folder itself, and those in it with a journal. */
export function allRecordsFolders(folder: string): string[] {
  const others = readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(folder, name));
  return [folder, ...others.filter(path => readdirSync(path).some(name => /^journal-\d+$/.test(name)))];
}

const runningFile = (path: string) => join(path, "running.json");

/** On a full disk as the text of a symbolic link, which takes no room. */
function writeRunning(path: string, running: Running): void {
  const file = runningFile(path);
  try {
    rmSync(file, { force: true });
    writePrivate(file, `${JSON.stringify(running, null, 2)}\n`);
  } catch {
    symlinkSync(JSON.stringify(running), file);
  }
}

/** Undefined as well when it is damaged: whether a server runs, the lock says. */
export function readRunning(path: string): Running | undefined {
  const file = runningFile(path);
  try {
    const isLink = lstatSync(file).isSymbolicLink();
    const value: unknown = JSON.parse(isLink ? readlinkSync(file) : readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || !("url" in value))
      return undefined;
    const { pid, url } = value;
    if (!Number.isInteger(pid) || typeof pid !== "number" || typeof url !== "string") return undefined;
    return URL.canParse(url) && url.startsWith("http") ? { pid, url } : undefined;
  } catch {
    return undefined;
  }
}

function hasSettings(path: string): boolean {
  try {
    return readSettings(path) !== undefined;
  } catch {
    return false;
  }
}

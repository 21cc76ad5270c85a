/**
 * The data folder: settings that stay from start to start, where the running server answers, and the lock.
 * settings.json · running.json · lock.<n> · server.log · snapshot and journal files. For its owner's eyes only.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../errors";
import type { Random } from "../ports/random";
import { lockFolder } from "./lock";

export interface FolderSettings {
  port?: number;
  proxyPort?: number;
  /** Where containers reach the API. */
  doorPort?: number;
  user?: string;
  apikey?: string;
  /** For the control API: whoever can read this file may use it. */
  controlToken: string;
  /** What tells this server's containers from others' on an engine. */
  server?: string;
  /** What ran its containers last. */
  backend?: string;
  /** Its engines, as they were named. */
  nodes?: string[];
}

/** Where the server on this folder answers, while it runs. */
export interface Running {
  pid: number;
  url: string;
}

export interface DataFolder {
  path: string;
  settings: FolderSettings;
  /** The server is ready: remembers how it is reached now and next time. */
  started(server: Omit<FolderSettings, "controlToken"> & { url: string }): void;
  close(): void;
}

/** Creates the folder if need be and locks it. Throws a `UserError` when another server has it. */
export function openDataFolder(dataDir: string, random: Random): DataFolder {
  const path = resolve(dataDir);
  createDataFolder(path);
  const unlock = lockFolder(path);
  let settings: FolderSettings;
  try {
    settings = readSettings(path) ?? { controlToken: random.token() };
  } catch (error) {
    unlock();
    throw error;
  }
  let open = true;
  return {
    path,
    settings,
    started({ url, ...kept }) {
      writePrivate(join(path, "settings.json"), { ...settings, ...kept } satisfies FolderSettings);
      writePrivate(join(path, "running.json"), { pid: process.pid, url } satisfies Running);
    },
    close() {
      if (!open) return;
      open = false;
      rmSync(join(path, "running.json"), { force: true });
      unlock();
    },
  };
}

export function createDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    // Keys and passwords live here: never to be committed.
    const ignore = join(path, ".gitignore");
    if (!existsSync(ignore)) writeFileSync(ignore, "*\n", { mode: 0o600 });
  } catch (error) {
    throw new UserError(`cannot use ${path} as data folder: ${(error as Error).message}`);
  }
}

export function readSettings(path: string): FolderSettings | undefined {
  const settings = readJson(join(path, "settings.json")) as FolderSettings | undefined;
  if (settings === undefined || typeof settings.controlToken === "string") return settings;
  throw new UserError(`${join(path, "settings.json")} is damaged: delete it to get a new port and key`);
}

export function readRunning(path: string): Running | undefined {
  return readJson(join(path, "running.json")) as Running | undefined;
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`${file} is damaged: delete it`);
  }
}

/** Whole or not at all, also after a power failure: others read these files at any time. */
function writePrivate(file: string, value: object): void {
  const draft = `${file}.tmp`;
  try {
    const handle = openSync(draft, "w", 0o600);
    try {
      writeFileSync(handle, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new UserError(`cannot write ${file}: ${(error as Error).message}`);
  }
}

/**
 * What stays from start to start: `settings.json`, for people too, and `settings.copy`, which has a checksum and is
 * there for the day when the other one is damaged. Both are written whole or not at all, the copy first.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors";
import { codeOf } from "./disk-errors";
import { decodeLine, encodeLine, splitLines } from "./lines";
import { writePrivate } from "./private-file";

export interface FolderSettings {
  port?: number;
  proxyPort?: number;
  /** Of the other APIs, by their names. */
  apiPorts?: Record<string, number>;
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

const fileIn = (folder: string) => join(folder, "settings.json");
const copyIn = (folder: string) => join(folder, "settings.copy");

/** What is advised must not lose what finds containers that run. */
const CONTENT =
  "It holds what finds the containers of --backend docker and swarm. With simulated containers you may";
const NEW = "the server gets a new port and key, and the applications stay.";

/** Undefined in a folder that has none. Throws a `UserError` when neither file can be read. */
export function readSettings(folder: string): FolderSettings | undefined {
  const main = attempt(fileIn(folder), fromText);
  if (main.settings) return main.settings;
  const copy = attempt(copyIn(folder), fromLine);
  if (copy.settings) return copy.settings;
  if (main.problem === undefined && copy.problem === undefined) return undefined;
  const problem = `${fileIn(folder)} is damaged (${main.problem ?? "it is missing"})`;
  if (copy.problem !== undefined) {
    throw new UserError(
      `${problem}, and so is its copy settings.copy: restore one of them from a backup. ${CONTENT} remove both: ${NEW}`,
    );
  }
  throw new UserError(`${problem}: restore it from a backup. ${CONTENT} remove it: ${NEW}`);
}

/** True when what `readSettings` finds comes from the copy. */
export function isRepaired(folder: string): boolean {
  return existsSync(copyIn(folder)) && attempt(fileIn(folder), fromText).settings === undefined;
}

/** In one order, so that nothing has to be written when nothing is new. */
export function writeSettings(folder: string, settings: FolderSettings): void {
  const ordered = checked(settings);
  writePrivate(copyIn(folder), encodeLine(ordered));
  writePrivate(fileIn(folder), `${JSON.stringify(ordered, null, 2)}\n`);
}

/** Both missing: there is no file. */
interface Attempt {
  settings?: FolderSettings;
  problem?: string;
}

/** Throws a `UserError` when the file is there for another user only: nothing is damaged then. */
function attempt(file: string, read: (file: string) => FolderSettings): Attempt {
  try {
    return { settings: read(file) };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return {};
    if (code === "EACCES" || code === "EPERM") {
      throw new UserError(`${file} cannot be read by this user (${code}): be the one whose server it is`);
    }
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function fromText(file: string): FolderSettings {
  const text = readFileSync(file, "utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's words would quote the file, and with it a key.
    throw new Error("it is not JSON");
  }
  return checked(value);
}

function fromLine(file: string): FolderSettings {
  const { lines, rest } = splitLines(readFileSync(file));
  const [line] = lines;
  const value = lines.length === 1 && line && rest.length === 0 ? decodeLine(line) : undefined;
  if (value === undefined) throw new Error("it is not what was written");
  return checked(value);
}

/** Never with a value in what it says: it may be a key. */
function checked(value: unknown): FolderSettings {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is no object");
  const fields = new Map<string, unknown>(Object.entries(value));
  const read = <T>(name: keyof FolderSettings, is: (value: unknown) => value is T, what: string) => {
    const field = fields.get(name);
    if (field === undefined || is(field)) return field;
    throw new Error(`${name} is not ${what}`);
  };
  const controlToken = read("controlToken", isText, "a text");
  if (controlToken === undefined) throw new Error("controlToken is missing");
  const settings: FolderSettings = {
    port: read("port", isPort, "a port"),
    proxyPort: read("proxyPort", isPort, "a port"),
    apiPorts: read("apiPorts", isPorts, "ports by names"),
    doorPort: read("doorPort", isPort, "a port"),
    user: read("user", isText, "a text"),
    apikey: read("apikey", isText, "a text"),
    controlToken,
    server: read("server", isText, "a text"),
    backend: read("backend", isText, "a text"),
    nodes: read("nodes", isTexts, "a list of texts"),
  };
  return settings;
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535;
}

function isPorts(value: unknown): value is Record<string, number> {
  return typeof value === "object" && value !== null && Object.values(value).every(isPort);
}

/** Not empty: an empty key or token would open to everybody. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

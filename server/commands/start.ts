/** `tutum-server start`: a server in the foreground, until it is told to end. */
import { renameSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { destination, pino } from "pino";
import type { Times } from "../backend/memory";
import { type RunningServer, startServer } from "../start-server";
import { createDataFolder, readSettings } from "../storage/data-folder";
import { clientEnvironment } from "./client-environment";
import { reportNewPort } from "./new-port";

export interface StartOptions {
  data: string;
  memory?: boolean;
  port?: number;
  host: string;
  user?: string;
  apikey?: string;
  startTime?: number;
  stopTime?: number;
  terminateTime?: number;
  /** Set by `exec`: ends with the last lease, and says nothing. */
  untilUnused?: boolean;
}

/** A log longer than this is put aside at the next start. */
const LOG_BYTES = 5 * 1024 * 1024;

export async function runStart(options: StartOptions): Promise<number> {
  const dataDir = options.memory ? undefined : resolve(options.data);
  const portBefore = dataDir && options.port === undefined ? readSettings(dataDir)?.port : undefined;
  let end: () => void = () => {};
  const ended = new Promise<void>(resolve => {
    end = resolve;
  });
  const server = await startServer({
    host: options.host,
    port: options.port,
    user: options.user,
    apikey: options.apikey,
    dataDir,
    times: timesOf(options),
    logger: dataDir ? fileLogger(dataDir) : pino({ level: "warn" }, destination(2)),
    onUnused: options.untilUnused ? () => end() : undefined,
  });
  if (!options.untilUnused) {
    reportNewPort(portBefore, server.url);
    console.log(introduction(server, dataDir));
  }
  process.once("SIGINT", end).once("SIGTERM", end).once("SIGHUP", end);
  await ended;
  await server.close();
  return 0;
}

function introduction(server: RunningServer, dataDir: string | undefined): string {
  const exports = Object.entries(clientEnvironment(server)).map(
    ([name, value]) => `  export ${name}=${quoted(value)}`,
  );
  return [
    `The Tutum API answers at ${server.url}/api/v1/`,
    dataDir ? `Its data and log are in ${dataDir}` : "It keeps nothing when it ends",
    "",
    "To use it, in another terminal:",
    ...exports,
    `  curl -H "Authorization: $TUTUM_AUTH" \${TUTUM_BASE_URL}application/`,
    "",
    "Ctrl-C ends it.",
  ].join("\n");
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w:/.-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

function fileLogger(dataDir: string) {
  createDataFolder(dataDir);
  const file = join(dataDir, "server.log");
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) renameSync(file, `${file}.old`);
  return pino({ base: { pid: process.pid } }, destination({ dest: file, mode: 0o600, sync: true }));
}

/** Only the times that were given. */
function timesOf(options: StartOptions): Partial<Times> {
  const times = { start: options.startTime, stop: options.stopTime, terminate: options.terminateTime };
  return Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined));
}

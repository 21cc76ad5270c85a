/** Where a server's log goes: JSON to the data folder's server.log, and readable lines to a terminal. */
import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { destination, multistream, pino, type StreamEntry } from "pino";
import pretty from "pino-pretty";
import type { Logger } from "../ports/logger";
import { createDataFolder } from "../storage/data-folder";
import { harmless } from "./harmless";
import type { CommonOptions } from "./server-options";

/** A log longer than this is put aside at the next start. */
const LOG_BYTES = 5 * 1024 * 1024;

interface LogTarget {
  level: CommonOptions["logLevel"];
  /** Absent: there is no file, and what is logged goes to the error output. */
  dataDir?: string;
  /** Nobody looks: the file alone. */
  quiet?: boolean;
}

export function createLogger({ level, dataDir, quiet }: LogTarget): Logger {
  if (level === "silent") return pino({ level });
  const streams: StreamEntry[] = [];
  if (dataDir !== undefined) streams.push({ level, stream: logFile(dataDir) });
  if (!quiet && process.stderr.isTTY) streams.push({ level, stream: readableLines(2, true) });
  else if (dataDir === undefined) streams.push({ level, stream: destination({ dest: 2, sync: true }) });
  return pino(
    { level, base: { pid: process.pid }, formatters: { log: fields => harmless(fields) } },
    multistream(streams),
  );
}

/** One line for each entry, for people. */
export function readableLines(target: number | NodeJS.WritableStream, colorize: boolean) {
  return pretty({
    destination: target,
    sync: true,
    colorize,
    singleLine: true,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss.l",
  });
}

function logFile(dataDir: string) {
  createDataFolder(dataDir);
  const file = join(dataDir, "server.log");
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) renameSync(file, `${file}.old`);
  return destination({ dest: file, mode: 0o600, sync: true });
}

/** Where a server's log goes: JSON to the data folder's server.log, and readable lines to a terminal. */
import { join } from "node:path";
import { destination, multistream, pino, type StreamEntry } from "pino";
import pretty from "pino-pretty";
import type { Logger } from "../host/ports/logger";
import { createDataFolder } from "../host/storage/data-folder";
import { harmless } from "./harmless";
import { LogFile } from "./log-file";
import type { CommonOptions } from "./server-options";

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
  else if (dataDir === undefined) streams.push({ level, stream: errorOutput() });
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

/** Whoever read it may be gone. */
function errorOutput() {
  const stream = destination({ dest: 2, sync: true });
  stream.on("error", () => {});
  return stream;
}

function logFile(dataDir: string) {
  createDataFolder(dataDir);
  return new LogFile(join(dataDir, "server.log"), problem => console.error(`tutum-server: ${problem}`));
}

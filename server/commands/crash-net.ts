/**
 * The last thing a server does that fails in a way nobody thought of: it says why, in `server.log` and on the error
 * output, and ends. Going on is not safe: nobody knows what was left half done.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { harmless } from "./harmless";

/** What a server exits with that met an error of its own (EX_SOFTWARE). */
export const CRASHED_EXIT_CODE = 70;

export interface CrashNet {
  /** Never to be shown. */
  hide(secrets: readonly string[]): void;
}

export function catchCrashes(dataDir: string | undefined): CrashNet {
  const hidden = new Set<string>();
  const end = (kind: string) => (error: unknown) => {
    let stack = error instanceof Error ? (error.stack ?? error.message) : inspect(error);
    for (const secret of hidden) stack = stack.replaceAll(secret, "***");
    report(dataDir, kind, stack);
    process.exit(CRASHED_EXIT_CODE);
  };
  process.on("uncaughtException", end("uncaught exception"));
  process.on("unhandledRejection", end("unhandled rejection"));
  return {
    hide(secrets) {
      for (const secret of secrets) if (secret !== "") hidden.add(secret);
    },
  };
}

function report(dataDir: string | undefined, kind: string, stack: string): void {
  const msg = `the server ends: ${kind}`;
  try {
    const line = { level: 60, time: Date.now(), pid: process.pid, ...harmless({ stack }), msg };
    if (dataDir !== undefined) {
      appendFileSync(join(dataDir, "server.log"), `${JSON.stringify(line)}\n`, { mode: 0o600 });
    }
  } catch {
    // The error output has it.
  }
  try {
    console.error(`tutum-server: ${msg}: ${stack}`);
  } catch {
    // Nobody reads it.
  }
}

/** Finds the server of a data folder, or starts one that lives as long as somebody holds a lease on it. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../host/errors";
import { reasonOf } from "../host/storage/disk-errors";
import { LOCKED_EXIT_CODE, lastHolder } from "../host/storage/lock";
import { connectionOf, type Lease, openLease } from "./control-client";

const START_MS = 60_000;
const POLL_MS = 25;
/** Bytes of which a disk that is full has not even so many. */
const BLOCK = 4_096;

/** Several callers at once end up with one server: the folder's lock lets only one of those they start live. */
export async function leaseServer(folder: string, startArguments: string[] = []): Promise<SharedLease> {
  const deadline = performance.now() + START_MS;
  const output = join(folder, `start-${randomBytes(4).toString("hex")}.err`);
  let started: StartedServer | undefined;
  try {
    while (performance.now() < deadline) {
      const connection = await connectionOf(folder);
      const lease = connection && (await openLease(connection));
      if (lease) {
        // Its error output stays where it can be found: what a crash of Node itself says is nowhere else.
        if (started && started.pid === lastHolder(folder)?.pid)
          renameSync(output, join(folder, "server.err"));
        return { ...lease, startedHere: started !== undefined };
      }
      if (started?.exitCode() === undefined) started ??= startDetached(folder, startArguments, output);
      else if (started.exitCode() === LOCKED_EXIT_CODE || started.exitCode() === 0) {
        // Another one has the folder: it may be starting, or ending, in which case it is our turn next.
        started = undefined;
        await delay(POLL_MS);
      } else
        throw new UserError(
          `the server could not start\n${started.errorOutput() || silence(folder, output)}`.trim(),
        );
      await delay(POLL_MS);
    }
    throw new UserError(
      `the server on ${folder} did not become ready within ${START_MS / 1000} s; see ${join(folder, "server.log")}`,
    );
  } finally {
    rmSync(output, { force: true });
  }
}

/** What it said may have found no room. */
function silence(folder: string, output: string): string {
  try {
    writeFileSync(output, Buffer.alloc(BLOCK));
  } catch (error) {
    return `${folder}: ${reasonOf(error)}`;
  }
  return `it said nothing: see ${join(folder, "server.log")}, and whether its disk is full`;
}

export interface SharedLease extends Lease {
  /** False when the server ran already, with options of its own. */
  startedHere: boolean;
}

interface StartedServer {
  pid: number | undefined;
  exitCode(): number | undefined;
  errorOutput(): string;
}

/** In a session of its own, so that Ctrl-C in the terminal does not reach it before the command has ended. */
function startDetached(folder: string, startArguments: string[], errorFile: string): StartedServer {
  const bin = join(__dirname, "../../bin/tutum-server.js");
  const stderr = openSync(errorFile, "w", 0o600);
  const args = [bin, "start", "--data", folder, "--control", "--quiet", ...startArguments];
  const child: ChildProcess = spawn(process.execPath, args, {
    detached: true,
    stdio: ["ignore", "ignore", stderr],
    cwd: folder,
  });
  closeSync(stderr);
  let failed: Error | undefined;
  child.on("error", error => {
    failed = error;
  });
  child.unref();
  return {
    pid: child.pid,
    exitCode: () => (failed || child.signalCode ? 1 : (child.exitCode ?? undefined)),
    errorOutput: () => failed?.message ?? readFileSync(errorFile, "utf8"),
  };
}

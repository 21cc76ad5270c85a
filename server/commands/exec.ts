/** `tutum-server exec -- CMD`: runs a command with a server, and is invisible otherwise. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../errors";
import { createDataFolder, readSettings } from "../storage/data-folder";
import { environmentFor } from "./client-environment";
import { reportNewPort } from "./new-port";
import { leaseServer } from "./shared-server";

/** How long a server may take to store everything and end. */
const END_MS = 10_000;

export async function runExec(data: string, command: string[]): Promise<number> {
  const folder = resolve(data);
  createDataFolder(folder);
  const portBefore = readSettings(folder)?.port;
  const lease = await leaseServer(folder);
  reportNewPort(portBefore, lease.connection.url);
  let done = false;
  lease.lost.then(() => {
    if (!done)
      console.error(`tutum-server: the server at ${lease.connection.url} has ended before the command`);
  });
  try {
    return await run(
      command,
      environmentFor(lease.connection, { ...process.env, TUTUM_SERVER_DATA: folder }),
    );
  } finally {
    done = true;
    if (await lease.release()) await gone(lease.connection.pid);
  }
}

/** Resolves with the command's exit code, 128 and the signal's number when a signal ended it. */
function run([file = "", ...args]: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", env });
    // Ctrl-C reaches the command from the terminal itself: it decides what that means, and we wait for it.
    const ignore = () => {};
    const forward = (signal: NodeJS.Signals) => void child.kill(signal);
    process.on("SIGINT", ignore).on("SIGTERM", forward).on("SIGHUP", forward);
    const settled = () => process.off("SIGINT", ignore).off("SIGTERM", forward).off("SIGHUP", forward);
    child.on("error", (error: NodeJS.ErrnoException) => {
      settled();
      const missing = error.code === "ENOENT";
      const reason = missing ? "there is no such command" : error.message;
      reject(new UserError(`cannot run ${file}: ${reason}`, missing ? 127 : 126));
    });
    child.on("exit", (code, signal) => {
      settled();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + END_MS; Date.now() < deadline; await delay(10)) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
  }
}

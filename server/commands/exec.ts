/** `tutum-server exec -- CMD`: runs a command with a server, and is invisible otherwise. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../errors";
import { createDataFolder, readSettings } from "../storage/data-folder";
import { environmentFor } from "./client-environment";
import { type Connection, seedRunning, stateOf } from "./control-client";
import { reportNewPort } from "./new-port";
import { readSeedFile, seedRefused } from "./seed-file";
import { type CommonOptions, optionsWithoutEffect, startArguments } from "./server-options";
import { leaseServer } from "./shared-server";

/** How long a server may take to store everything and end. */
const END_MS = 10_000;

export interface ExecOptions extends CommonOptions {
  data: string;
  /** Hand the control API's address and token to the command. */
  control?: boolean;
}

export async function runExec(options: ExecOptions, command: string[]): Promise<number> {
  const folder = resolve(options.data);
  const seed = options.seed === undefined ? undefined : readSeedFile(options.seed);
  createDataFolder(folder);
  const portBefore = readSettings(folder)?.port;
  const lease = await leaseServer(folder, startArguments(options));
  const ignored = lease.startedHere ? [] : optionsWithoutEffect(options);
  if (ignored.length > 0) {
    console.error(`tutum-server: a server runs already: ${ignored.join(", ")} without effect`);
  }
  reportNewPort(portBefore, lease.connection.url);
  let done = false;
  lease.lost.then(() => {
    if (!done)
      console.error(`tutum-server: the server at ${lease.connection.url} has ended before the command`);
  });
  try {
    if (seed) await sendSeed(lease.connection, options.seed as string, seed);
    const environment = environmentFor(lease.connection, { ...process.env, TUTUM_SERVER_DATA: folder });
    return await run(command, {
      ...environment,
      ...(options.control ? await controlEnvironment(lease.connection) : {}),
    });
  } finally {
    done = true;
    if (await lease.release()) await gone(lease.connection.pid);
  }
}

async function sendSeed(connection: Connection, file: string, seed: object): Promise<void> {
  const answer = await seedRunning(connection, seed);
  if (answer?.status === 404) throw withoutControl(connection);
  if (answer?.status !== 200) throw seedRefused(file, answer?.body ?? { error: "no answer" });
}

async function controlEnvironment(connection: Connection): Promise<Record<string, string>> {
  if (!(await stateOf(connection))?.control) throw withoutControl(connection);
  return {
    TUTUM_SERVER_CONTROL_URL: `${connection.url}/_tutum/`,
    TUTUM_SERVER_CONTROL_TOKEN: connection.token,
  };
}

function withoutControl({ url }: Connection): UserError {
  return new UserError(`the server at ${url} was started without --control`);
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

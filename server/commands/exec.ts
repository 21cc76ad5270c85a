/** `tutum-server exec -- CMD`: runs a command with a server, and is invisible otherwise. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import { UserError } from "../host/errors";
import { createDataFolder } from "../host/storage/data-folder";
import { watchHolder } from "../host/storage/lock";
import { readSettings } from "../host/storage/settings";
import type { StandIn } from "../options";
import { environmentFor } from "./client-environment";
import { addressesOf, type Connection, seedRunning, stateOf } from "./control-client";
import { reportNewPort } from "./new-port";
import { readSeedFile, seedRefused } from "./seed-file";
import {
  type CommonOptions,
  checkCommonOptions,
  optionsWithoutEffect,
  startArguments,
} from "./server-options";
import { leaseServer } from "./shared-server";
import { END_MS } from "./stop";

/** Data folder of whoever names none. */
export const DEFAULT_DATA = ".tutum-server";

export interface ExecOptions extends CommonOptions {
  data: string;
  /** Hand the control API's address and token to the command. */
  control?: boolean;
}

export async function runExec(options: ExecOptions, command: string[]): Promise<number> {
  checkCommonOptions(options);
  const folder = resolve(options.data);
  const seed = options.seed === undefined ? undefined : readSeedFile(options.seed);
  createDataFolder(folder);
  const portBefore = readSettings(folder)?.port;
  const lease = await leaseServer(folder, startArguments(options));
  const { backend = "memory" } = readSettings(folder) ?? {};
  if (options.backend !== "memory" && options.backend !== backend) {
    await lease.release();
    throw new UserError(
      `a server with --backend ${backend} runs at ${lease.connection.url}: end it first, or use other --data`,
    );
  }
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
    const others = await otherVariables(lease.connection, options.with ?? []);
    if (seed) await sendSeed(lease.connection, options.seed as string, seed);
    const environment = environmentFor(
      lease.connection,
      { ...process.env, TUTUM_SERVER_DATA: folder },
      others,
    );
    return await run(command, {
      ...environment,
      ...(options.control ? await controlEnvironment(lease.connection) : {}),
    });
  } finally {
    done = true;
    const ended = await watchHolder(folder);
    if (await lease.release()) await ended(END_MS);
    else if (lease.startedHere && options.backend !== "memory") console.error(staying(options.data));
  }
}

/** Real containers need somebody who restarts and replaces them. */
function staying(data: string): string {
  const where = data === DEFAULT_DATA ? "" : ` --data ${data}`;
  return [
    "tutum-server: the server stays, to look after its containers:",
    `  tutum-server stop${where}           ends it; the containers go on running`,
    `  tutum-server reset --yes${where}    removes its applications with their containers`,
  ].join("\n");
}

/** What clients of the other APIs read. A server that runs already has only those that it was started with. */
async function otherVariables(
  connection: Connection,
  names: readonly StandIn[],
): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const addresses = (await addressesOf(connection)) ?? {};
  const missing = names.find(name => addresses[name] === undefined);
  if (missing !== undefined) {
    throw new UserError(
      `the server at ${connection.url} was started without --with ${missing}: end it first, or use other --data`,
    );
  }
  return Object.assign({}, ...names.map(name => addresses[name]?.environment));
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

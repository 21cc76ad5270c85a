import { resolve } from "node:path";
import { UserError } from "../host/errors";
import { nameOf } from "../host/storage/holder";
import { livingHolder } from "../host/storage/lock";
import { type Connection, connectionOf, type ServerState, stateOf } from "./control-client";

/** Exit code of a command that needs a server where none runs, as init scripts say it. */
export const NOT_RUNNING = 3;

export interface RunningServer {
  connection: Connection;
  state: ServerState;
}

/**
 * The server that runs on a folder; undefined when the folder is free. Throws a `UserError` when a server has it and
 * does not answer here: it is nobody's to end by a number that may be another process's.
 */
export async function serverOf(data: string): Promise<RunningServer | undefined> {
  const folder = resolve(data);
  const connection = await connectionOf(folder);
  const state = connection && (await stateOf(connection));
  if (connection && state) return { connection, state };
  const holder = await livingHolder(folder);
  if (!holder) return undefined;
  const where = connection ? `at ${connection.url}` : "and has not noted where it answers";
  throw new UserError(
    `a server has ${folder} (${nameOf(holder)}) and does not answer here ${where}. If it is starting or ending, try again. Else end it where it was started: Ctrl-C, \`systemctl stop\`, \`docker stop\`, or a signal to that very process.`,
  );
}

/** The same, and says so when there is none. */
export async function running(data: string): Promise<RunningServer | undefined> {
  const found = await serverOf(data);
  if (!found) console.log(`not running (data folder ${resolve(data)})`);
  return found;
}

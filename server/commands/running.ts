import type { ControlState } from "../control/server-routes";
import { type Connection, connectionOf, stateOf } from "./control-client";

/** Exit code of a command that needs a server where none runs, as init scripts say it. */
export const NOT_RUNNING = 3;

/** The server that runs on a folder; undefined, and said so, when there is none. */
export async function running(
  folder: string,
): Promise<{ connection: Connection; state: ControlState } | undefined> {
  const connection = connectionOf(folder);
  const state = connection && (await stateOf(connection));
  if (connection && state) return { connection, state };
  console.log(`not running (data folder ${folder})`);
  return undefined;
}

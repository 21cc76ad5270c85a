/** `tutum-server stop`: ends the server of a data folder, in order. Exit code 3 when none runs, as `status`. */
import { resolve } from "node:path";
import { connectionOf, stateOf } from "./control-client";
import { gone } from "./gone";

const NOT_RUNNING = 3;

export async function runStop(data: string): Promise<number> {
  const folder = resolve(data);
  const connection = connectionOf(folder);
  const state = connection && (await stateOf(connection));
  if (!connection || !state) {
    console.log(`not running (data folder ${folder})`);
    return NOT_RUNNING;
  }
  process.kill(state.pid, "SIGTERM");
  await gone(state.pid);
  console.log(`stopped the server at ${connection.url}`);
  return 0;
}

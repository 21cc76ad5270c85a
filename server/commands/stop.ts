/** `tutum-server stop`: ends the server of a data folder, in order. Exit code 3 when none runs, as `status`. */
import { resolve } from "node:path";
import { gone } from "./gone";
import { NOT_RUNNING, running } from "./running";

export async function runStop(data: string): Promise<number> {
  const found = await running(resolve(data));
  if (!found) return NOT_RUNNING;
  const { connection, state } = found;
  process.kill(state.pid, "SIGTERM");
  await gone(state.pid);
  console.log(`stopped the server at ${connection.url}`);
  return 0;
}

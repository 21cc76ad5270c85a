/** `tutum-server stop`: ends the server of a data folder, in order. Exit code 3 when none runs, as `status`. */
import { resolve } from "node:path";
import { keepProxy } from "../proxy/keep-proxy";
import { gone } from "./gone";
import { NOT_RUNNING, running } from "./running";

export async function runStop(data: string, { keepsProxy = false } = {}): Promise<number> {
  const found = await running(resolve(data));
  if (!found) return NOT_RUNNING;
  const { connection, state } = found;
  const keptMs = keepsProxy ? await keepProxy(resolve(data)) : undefined;
  process.kill(state.pid, "SIGTERM");
  await gone(state.pid);
  console.log(`stopped the server at ${connection.url}`);
  if (keptMs !== undefined)
    console.log(`web applications answer for ${keptMs / 1000} s more, or go on with the next start`);
  return 0;
}

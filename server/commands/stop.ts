/** `tutum-server stop`: asks the server of a data folder to end, in order. Exit code 3 when none runs, as `status`. */
import { resolve } from "node:path";
import { keepProxy } from "../apis/tutum/proxy/keep-proxy";
import { UserError } from "../host/errors";
import { watchHolder } from "../host/storage/lock";
import { stopRunning } from "./control-client";
import { NOT_RUNNING, running } from "./running";

/** How long a server may take to store everything and end. */
export const END_MS = 10_000;

export async function runStop(data: string, { keepsProxy = false } = {}): Promise<number> {
  const found = await running(data);
  if (!found) return NOT_RUNNING;
  const { url } = found.connection;
  const ended = await watchHolder(resolve(data));
  const keptMs = keepsProxy ? await keepProxy(resolve(data)) : undefined;
  const answer = await stopRunning(found.connection);
  if (answer?.status === 404) {
    throw new UserError(
      `the server at ${url} is of an earlier version and cannot be asked to end: end it where it was started`,
    );
  }
  if (!(await ended(END_MS))) {
    throw new UserError(
      `the server at ${url} was told to end, and is still there: see server.log in ${data}`,
    );
  }
  console.log(`stopped the server at ${url}`);
  if (keptMs !== undefined)
    console.log(`web applications answer for ${keptMs / 1000} s more, or go on with the next start`);
  return 0;
}

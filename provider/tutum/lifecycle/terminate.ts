/** DELETE, and the wait for Terminated. */

import type { TimeLeft } from "../../resource/lifecycle/deadline";
import { ExpectedError } from "../../resource/lifecycle/failure";
import { isTutumApiError } from "../client";
import { isGone } from "../client/states";
import { settled, type Waiting } from "./progress";

/**
 * Returns when the application is gone. One that is too busy to be deleted is waited for first. `advice` ends the error
 * of a termination that may have begun, and whose end was not seen.
 */
export async function terminate(context: Waiting, id: string, left: TimeLeft, advice = ""): Promise<void> {
  for (let refused = false; ; refused = true) {
    context.signal.throwIfAborted();
    try {
      if (await terminated(context, id, left(), !refused)) return;
    } catch (error) {
      throw advice && mayHaveBegun(error)
        ? new ExpectedError(`${(error as Error).message} ${advice}`)
        : error;
    }
  }
}

/** True when the application is gone; false when it was too busy, and has come to rest since. */
async function terminated(
  context: Waiting,
  id: string,
  deadline: number,
  mayBeBusy: boolean,
): Promise<boolean> {
  const { applications } = context.client;
  const { signal } = context;
  try {
    const last = await settled(context, await applications.terminate(id, { signal }), deadline);
    if (!last || isGone(last.state)) return true;
    throw new ExpectedError(
      `Application ${last.unique_name} (${id}) is ${last.state} although the server accepted its termination.`,
    );
  } catch (error) {
    if (!isRefused(error) && !isSenseless(error)) throw error;
    // Refused is also a DELETE that was sent twice, because its first answer was lost.
    const rested = await settled(context, await applications.get(id, { signal }), deadline);
    if (!rested || isGone(rested.state)) return true;
    if (!mayBeBusy) throw error;
    return false;
  }
}

/** Not when the DELETE itself was refused; and what is not there has ended. */
function mayHaveBegun(error: unknown): boolean {
  if (!isTutumApiError(error)) return true;
  return error.status !== 404 && (error.method !== "DELETE" || error.ambiguous);
}

function isRefused(error: unknown): boolean {
  return isTutumApiError(error) && error.status === 400;
}

/** Accepted with an answer that says nothing: only a look shows what was done. */
function isSenseless(error: unknown): boolean {
  return isTutumApiError(error) && error.ambiguous && error.status !== undefined && error.status < 400;
}

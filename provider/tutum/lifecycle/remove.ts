import { ExpectedError } from "../../resource/failure";
import type { Values } from "../../resource/field";
import { isTutumApiError } from "../client";
import type { ApplicationContext } from "./context";
import { timeLeft } from "./deadline";
import { expectOwn } from "./owner";
import { settled } from "./progress";
import { expectGone } from "./read";
import { isGone } from "./states";

/**
 * GET, DELETE, wait for Terminated. Gone already is as good; one that is too busy to be deleted is waited for first.
 * One that a creation of this run took over stays: it is the new application of a replacement that was cut short.
 */
export async function remove(context: ApplicationContext, id: string, oldOutputs: Values): Promise<void> {
  const { client, known, adopted, signal } = context;
  const left = timeLeft(context, oldOutputs, "delete");
  known.set(id, oldOutputs.resourceHash);
  if (adopted.has(id) || isAdoptedSince(context, id, oldOutputs)) {
    context.warn(
      `application ${oldOutputs.uniqueName} (${id}) is in use by a resource of this run, and stays`,
    );
    return;
  }
  try {
    expectOwn(await client.applications.get(id, { signal }), oldOutputs, "Deleting");
    for (let refused = false; ; refused = true) {
      if (await terminated(context, id, left(), !refused)) return;
    }
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 404) throw error;
    await expectGone(context, id, oldOutputs);
  }
}

/** Whether a creation took over what an earlier run had yet to delete: the state then lists it twice. */
function isAdoptedSince({ adoptions }: ApplicationContext, id: string, { adoption }: Values): boolean {
  return adoptions.has(id) && adoptions.get(id) !== adoption;
}

/** True when the application is gone; false when it was too busy, and has come to rest since. */
async function terminated(
  context: ApplicationContext,
  id: string,
  deadline: number,
  mayBeBusy: boolean,
): Promise<boolean> {
  const { applications } = context.client;
  const { signal } = context;
  signal.throwIfAborted();
  try {
    const last = await settled(context, await applications.terminate(id, { signal }), deadline);
    if (!last || isGone(last.state)) return true;
    throw new ExpectedError(
      `Application ${last.unique_name} (${id}) is ${last.state} although the server accepted its termination.`,
    );
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 400) throw error;
    // Also what a DELETE is told that was sent twice, because its first answer was lost.
    const rested = await settled(context, await applications.get(id, { signal }), deadline);
    if (!rested || isGone(rested.state)) return true;
    if (!mayBeBusy) throw error;
    return false;
  }
}

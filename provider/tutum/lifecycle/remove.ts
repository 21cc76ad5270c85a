import { type TimeLeft, timeLeft } from "../../resource/lifecycle/deadline";
import type { Values } from "../../resource/table/field";
import { isTutumApiError } from "../client";
import type { ApplicationContext } from "./context";
import { removeLeftovers, tellOfLeftovers } from "./leftovers";
import { expectOwn } from "./owner";
import { expectApplicationGone } from "./read";
import { terminate } from "./terminate";

/** The engine keeps the resource as it was, and a program that wants it again would find nothing to do. */
const KEPT_AFTER_ALL =
  "Its termination may have begun: the same command again goes on with it. " +
  "If the program keeps it after all, run `pulumi refresh` first.";

/**
 * GET, DELETE, wait for Terminated. Gone already is as good; one that is too busy to be deleted is waited for first.
 * One that a creation of this run took over stays: it is the new application of a replacement that was cut short.
 */
export async function remove(context: ApplicationContext, id: string, oldOutputs: Values): Promise<void> {
  const left = timeLeft(context, oldOutputs, "delete");
  context.ownership.seen(id, oldOutputs.resourceHash);
  if (context.ownership.isInUse(id, oldOutputs.adoption)) {
    context.warn(
      `application ${oldOutputs.uniqueName} (${id}) is in use by a resource of this run, and stays`,
    );
    return;
  }
  await removeOwn(context, id, oldOutputs, left);
  const { intents } = context;
  const { owner, resourceHash } = oldOutputs;
  intents.forget(owner);
  await removeLeftovers(context, intents.leftBy(resourceHash, owner), left);
  await tellOfLeftovers(context, intents.handedOver(resourceHash, owner));
}

async function removeOwn(
  context: ApplicationContext,
  id: string,
  oldOutputs: Values,
  left: TimeLeft,
): Promise<void> {
  const { client, signal } = context;
  try {
    expectOwn(await client.applications.get(id, { signal }), oldOutputs, "Deleting");
    await terminate(context, id, left, KEPT_AFTER_ALL);
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 404) throw error;
    await expectApplicationGone(context, id, oldOutputs);
  }
}

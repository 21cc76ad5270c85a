/** What interrupted runs of this state left on the server, and no state has. */

import { CERTAINTY } from "../../resource/lifecycle/create-once";
import type { TimeLeft } from "../../resource/lifecycle/deadline";
import type { Application, TutumClient } from "../client";
import { isGone } from "../client/states";
import type { ApplicationContext } from "./context";
import type { Intent } from "./intents";
import { markOf, moment, named } from "./owner";
import { terminate } from "./terminate";

/** Removes what these creations made: no engine was ever handed it, so no state has it. */
export async function removeLeftovers(
  context: ApplicationContext,
  intents: Intent[],
  left: TimeLeft,
): Promise<void> {
  for (const intent of intents) {
    const client = clientFor(context, intent);
    if (!client) continue;
    for (const application of await arrivedOf(context, client, intent)) {
      const { clock, signal, report } = context;
      await terminate({ client, clock, signal, report }, application.uuid, left);
      context.warn(
        `removed ${named(application)}, which an interrupted run of this stack began to create ` +
          `${moment(new Date(intent.begun))} and no state has`,
      );
    }
    context.intents.forget(intent.mark);
  }
}

/**
 * Names what these creations made: the engine was handed it, so a state may have it, and it stays as it is. Returns
 * those that could be looked for.
 */
export async function tellOfLeftovers(context: ApplicationContext, intents: Intent[]): Promise<Intent[]> {
  const told: Intent[] = [];
  for (const intent of intents) {
    const client = clientFor(context, intent);
    if (!client) continue;
    told.push(intent);
    const made = await madeBy(context, client, intent);
    if (made.length === 0) context.intents.forget(intent.mark);
    for (const application of made) {
      context.warn(
        `${named(application)} was created by a run of this stack that was interrupted, begun ` +
          `${moment(new Date(intent.begun))}, and the state does not have it. Another state may: of a copy, or of the ` +
          "stack before it was removed. So it stays as it is. If no state has it, a resource with " +
          `adopt: "${application.uuid}" takes it back.`,
      );
    }
  }
  return told;
}

/** Whether any of these creations could be looked for now, by what is known without asking the server. */
export function canBeLookedFor(context: ApplicationContext, intents: Intent[]): boolean {
  return intents.some(intent => clientFor(context, intent) !== undefined);
}

/**
 * Waits until what these creations made can be seen, or until it is as certain as within a run that they made nothing:
 * a request that was on its way when its run was killed may still arrive. What made nothing is forgotten.
 */
export async function awaitArrivals(context: ApplicationContext, intents: Intent[]): Promise<void> {
  for (const intent of intents) {
    const client = clientFor(context, intent);
    if (client && (await arrivedOf(context, client, intent)).length === 0)
      context.intents.forget(intent.mark);
  }
}

async function arrivedOf(
  context: ApplicationContext,
  client: TutumClient,
  intent: Intent,
): Promise<Application[]> {
  const { clock, signal, report } = context;
  const rest = Date.parse(intent.begun) + CERTAINTY.ms - clock.wall();
  // The clock may have been set since.
  const until = clock.now() + Math.min(rest, CERTAINTY.ms);
  for (let pause = 1_000; ; pause = Math.min(2 * pause, 15_000)) {
    const made = await madeBy(context, client, intent);
    const left = until - clock.now();
    if (made.length > 0 || !(left > 0)) return made;
    report(
      `an interrupted run began to create ${intent.name}: waiting up to ${Math.ceil(left / 1000)} s for it to appear`,
    );
    await clock.sleep(Math.min(pause, left), signal);
  }
}

/** The client of the account it was begun in. Undefined when that is another one today, or has no settings. */
function clientFor(
  context: ApplicationContext,
  { account, endpoint, userHash }: Intent,
): TutumClient | undefined {
  try {
    const client = context.clientOf(account);
    return client.endpoint === endpoint && client.userHash === userHash ? client : undefined;
  } catch {
    return undefined;
  }
}

/** Alive, and in no resource that this run has seen. More than one when a proxy delivered the request twice. */
async function madeBy(
  { signal, ownership }: ApplicationContext,
  { applications }: TutumClient,
  { name, mark }: Intent,
): Promise<Application[]> {
  const made: Application[] = [];
  for await (const one of applications.list({ name }, { signal })) {
    if (one.name !== name || isGone(one.state)) continue;
    const application = await applications.get(one.uuid, { signal });
    if (markOf(application) === mark && !ownership.isTaken(one.uuid)) made.push(application);
  }
  return made;
}

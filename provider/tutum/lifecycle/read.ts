import { timeLeft } from "../../resource/lifecycle/deadline";
import { ExpectedError } from "../../resource/lifecycle/failure";
import { expectGone } from "../../resource/lifecycle/gone-on-proof";
import type { Values } from "../../resource/table/field";
import { inputsOf } from "../../resource/table/outputs";
import { type Application, isTutumApiError } from "../client";
import { isGone } from "../client/states";
import type { ApplicationContext } from "./context";
import { applicationFields } from "./fields";
import { toOutputs } from "./outputs";
import { settled } from "./progress";

/** GET. Outputs and the full inputs as the server has them, so that a refresh shows drift property by property. */
export async function read(
  context: ApplicationContext,
  id: string,
  oldOutputs: Values,
): Promise<{ id: string; inputs: Values; outputs: Values } | undefined> {
  const application = await find(context, id, oldOutputs);
  if (!application) {
    // Only outputs of ours name the endpoint: without it this is `TutumApplication.get`, not a refresh.
    if (oldOutputs.endpoint !== undefined) return undefined;
    throw new ExpectedError(`There is no application ${id} at ${context.client.endpoint}.`);
  }
  const declared = inputsOf(applicationFields, oldOutputs);
  const told = { ...toOutputs(context, application, declared), adoption: oldOutputs.adoption };
  // Whose it is was settled when it was made: a state that points at a stranger's must not make it ours.
  const outputs = oldOutputs.owner === undefined ? told : { ...told, owner: oldOutputs.owner };
  // What is only read has no inputs to compare with; and as inputs its secrets would lie open in the state.
  const managed = oldOutputs.resourceHash !== undefined;
  const inputs = managed ? inputsOf(applicationFields, outputs) : { account: oldOutputs.account };
  return { id: application.uuid, outputs, inputs };
}

/**
 * The application, or undefined on proof that it is gone: state is never dropped because of a wrong address or key.
 * One that is being terminated is waited for: what is created in its place then finds its name and ports free.
 */
export async function find(
  context: ApplicationContext,
  id: string,
  oldOutputs: Values,
): Promise<Application | undefined> {
  const { signal } = context;
  const { applications } = context.client;
  context.ownership.seen(id, oldOutputs.resourceHash);
  context.intents.seen(oldOutputs.owner);
  try {
    const found = await applications.get(id, { signal });
    const terminating = found.state === "Terminating";
    const left = timeLeft(context, oldOutputs, "delete");
    const application = terminating ? await settled(context, found, left()) : found;
    return application?.state === "Terminated" ? undefined : application;
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 404) throw error;
    await expectApplicationGone(context, id, oldOutputs);
    context.intents.forget(oldOutputs.owner);
    return undefined;
  }
}

/** A 404 alone is no proof: the list of the same endpoint and account must not show the application, either. */
export async function expectApplicationGone(
  { client, signal }: ApplicationContext,
  id: string,
  outputs: Values,
): Promise<void> {
  const listed = async () => {
    for await (const { uuid, unique_name, state } of client.applications.list({ uuid: id }, { signal })) {
      if (uuid === id && !isGone(state)) return unique_name;
    }
    return undefined;
  };
  await expectGone(client, { noun: "Application", id, name: outputs.uniqueName, outputs, listed });
}

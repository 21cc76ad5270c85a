import { timeLeft } from "../../resource/lifecycle/deadline";
import { ExpectedError } from "../../resource/lifecycle/failure";
import { changedProperties, diffFields } from "../../resource/table/diff";
import type { Values } from "../../resource/table/field";
import type { ApplicationContext } from "./context";
import { completed, converge } from "./converge";
import { applicationFields } from "./fields";
import { removeLeftovers, tellOfLeftovers } from "./leftovers";
import { expectOwn } from "./owner";
import { find } from "./read";

/** GET, then whatever is left to do. Also called without a difference, after a failure: it then resumes. */
export async function update(
  context: ApplicationContext,
  id: string,
  oldOutputs: Values,
  inputs: Values,
): Promise<{ outputs: Values }> {
  const application = await find(context, id, oldOutputs);
  if (!application) {
    throw new ExpectedError(
      `Application ${oldOutputs.uniqueName} (${id}) no longer exists at ${context.client.endpoint}: ` +
        "run `pulumi refresh`, and the next `pulumi up` creates it again.",
    );
  }
  expectOwn(application, oldOutputs, "Updating");
  const changed = changedProperties(diffFields(applicationFields, oldOutputs, inputs));
  // After an operation that failed, what it left undone is done, too, and what it did unseen is undone.
  const resumes = changed.length === 0 || oldOutputs.unfinished === true;
  const only = resumes ? undefined : changed;
  const left = timeLeft(context, inputs, "update");
  const run = { context, inputs, left, application, only, adoption: oldOutputs.adoption };
  const { intents } = context;
  const { resourceHash } = inputs;
  const outputs = await completed(run, async () => {
    await removeLeftovers(context, intents.leftBy(resourceHash, oldOutputs.owner), left);
    const told = await tellOfLeftovers(context, intents.handedOver(resourceHash, oldOutputs.owner));
    for (const { mark } of told) intents.seen(mark);
    await converge(run);
  });
  return { outputs };
}

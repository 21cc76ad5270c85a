import { ExpectedError } from "../../resource/failure";
import type { Values } from "../../resource/field";
import type { ApplicationContext } from "./context";
import { completing, converge, deadlineOf } from "./converge";
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
  const run = { context, inputs, deadline: deadlineOf(inputs, "update"), application };
  return { outputs: await completing(run, () => converge(run)) };
}

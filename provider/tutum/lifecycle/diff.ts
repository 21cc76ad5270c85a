import { ExpectedError } from "../../resource/lifecycle/failure";
import type { Recorded } from "../../resource/lifecycle/lifecycle";
import { type Diff, type DiffEntries, diffFields } from "../../resource/table/diff";
import type { Values } from "../../resource/table/field";
import type { ApplicationContext } from "./context";
import { applicationFields } from "./fields";
import { canBeLookedFor } from "./leftovers";

/** A filter over the field table. What it is asked about belongs to a resource: no creation takes it for its own. */
export function diff(
  context: ApplicationContext,
  id: string,
  { outputs: oldOutputs }: Recorded,
  inputs: Values,
): Diff {
  const { resourceHash } = inputs;
  if (!context.ownership.claim(id, resourceHash, oldOutputs.resourceHash)) {
    const named = `${oldOutputs.uniqueName} (${id})`;
    throw new ExpectedError(
      `another resource of this stack has ${named}, too. Take one of the two out of the program: the application stays.`,
    );
  }
  context.resources.add(resourceHash);
  context.ownership.keeps(id, resourceHash, oldOutputs.adoption);
  context.intents.seen(oldOutputs.owner);
  const entries = diffFields(applicationFields, oldOutputs, inputs);
  return { entries: Object.keys(entries).length > 0 ? entries : cutShort(context, oldOutputs, inputs) };
}

/**
 * A replacement that was cut short and taken back by the program leaves nothing to do for the engine, and a new
 * application that no state has: an update looks for it.
 */
function cutShort(context: ApplicationContext, { owner }: Values, { resourceHash }: Values): DiffEntries {
  const { intents } = context;
  const left = canBeLookedFor(context, intents.leftBy(resourceHash, owner));
  if (!left && !canBeLookedFor(context, intents.handedOver(resourceHash, owner))) return {};
  context.warn(
    `an interrupted run began to replace it: \`pulumi up\` looks for what that left on the server, and ${left ? "removes" : "names"} it`,
  );
  return { interrupted: { kind: "update", replace: false, hidden: true } };
}

import { type Changes, diffFields } from "../../resource/diff";
import { ExpectedError } from "../../resource/failure";
import type { Values } from "../../resource/field";
import { hold } from "./adopt";
import type { ApplicationContext } from "./context";
import { applicationFields } from "./fields";

/** A filter over the field table. What it is asked about belongs to a resource: no creation takes it for its own. */
export function diff(context: ApplicationContext, id: string, oldOutputs: Values, inputs: Values): Changes {
  if (!hold(context, id, inputs.resourceHash)) {
    const named = `${oldOutputs.uniqueName} (${id})`;
    throw new ExpectedError(
      `another resource of this stack has ${named}, too. Take one of the two out of the program: the application stays.`,
    );
  }
  context.known.set(id, inputs.resourceHash);
  context.adoptions.set(id, oldOutputs.adoption);
  return diffFields(applicationFields, oldOutputs, inputs);
}

/**
 * The name of an application that the program gives none: the resource's. A resource that is renamed with an alias
 * keeps the name it had, as everywhere in Pulumi, and keeps it from then on.
 */
import type { Values } from "../../resource/table/field";
import type { ApplicationContext } from "./context";

/** The inputs with the name that the application is to have; `defaultName` comes from the class when the program gives none. */
export function withName({ names }: ApplicationContext, old: Values, given: Values): Values {
  const { defaultName, ...inputs } = given;
  // Not what a transform has put over it.
  if (defaultName === undefined || inputs.name !== defaultName) return inputs;
  // A replacement is checked once more, as if there were nothing yet.
  const kept = old.name === undefined ? names.get(given.resourceHash) : keptName(old, given);
  if (kept === undefined || kept === defaultName) return inputs;
  names.set(given.resourceHash, kept);
  return { ...inputs, name: kept, keptName: true };
}

/** With the same URN and no word of an alias before, another name was an explicit one, and is given up. */
function keptName(old: Values, { resourceHash }: Values): string | undefined {
  const renamed = old.keptName === true || old.resourceHash !== resourceHash;
  return renamed && typeof old.name === "string" ? old.name : undefined;
}

import { known, sketched } from "./environment";
import type { Evaluation, Lookup } from "./source";
import { Text, variablesOf } from "./text";

/**
 * Variables stay variables: the written program looks them up where it runs. Where the stack's shape depends on one,
 * its value is what `lookUp` finds now.
 */
export function keepVariables(lookUp: Lookup): Evaluation {
  return {
    bakedIn: true,
    text(parts, meaning, fail) {
      if (variablesOf(parts).length > 0 || meaning.secret) return new Text(parts, meaning);
      const text = known(parts, () => undefined, fail);
      if (!meaning.number || text === undefined) return text;
      return /^\d{1,15}$/.test(text)
        ? Number(text)
        : fail(`must be a whole number, not ${JSON.stringify(text)}.`);
    },
    known: (parts, fail) => known(parts, lookUp, fail),
    guess: parts => sketched(parts, lookUp),
  };
}

import { known, sketched } from "./environment";
import type { Evaluation, Lookup } from "./source";
import { Text, variablesOf } from "./text";

/**
 * Variables stay variables, for what is written to be looked up where it runs. Where the stack's shape depends on one,
 * it is what `lookUp` finds now.
 */
export function symbolic(lookUp: Lookup): Evaluation {
  return {
    frozen: true,
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

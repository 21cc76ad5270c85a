/** Values of variables: given ones first, then the environment's. Some may only be known later, as outputs. */
import { RunError } from "@pulumi/pulumi/errors";
import { sentence } from "../../resource/sentence";
import { type Part, shellWord, type Variable } from "./text";

/** A string that is known later: the part of Pulumi's outputs that is used here. */
export interface Later {
  apply(then: (text: string) => string | Later): Later;
}

export type Lookup = (name: string) => string | Later | undefined;

/** As `resolved`, but undefined after a failure. */
export function complete(
  parts: readonly Part[],
  lookup: Lookup,
  fail: (words: string) => void,
): string | Later | undefined {
  let failed = false;
  const text = resolved(parts, lookup, words => {
    failed = true;
    fail(words);
  });
  return failed ? undefined : text;
}

/** For a string on which the stack's shape depends. */
export function known(
  parts: readonly Part[],
  lookup: Lookup,
  fail: (words: string) => void,
): string | undefined {
  const text = complete(parts, lookup, fail);
  if (text === undefined || typeof text === "string") return text;
  fail("must be known when the file is read, and a variable in it is an output.");
  return undefined;
}

/** The text as far as it is known now: nothing for a variable that is not set, U+0000 for an output. */
export function sketched(parts: readonly Part[], lookup: Lookup): string {
  const value = (name: string) => {
    const found = lookup(name);
    return found === undefined || typeof found === "string" ? found : "\0";
  };
  return String(resolved(parts, value, () => undefined));
}

/** The text with its variables' values: an output if one of them is. `fail` is called for each missing one. */
function resolved(parts: readonly Part[], lookup: Lookup, fail: (words: string) => void): string | Later {
  return parts.map(part => evaluated(part, lookup, fail)).reduce(joined, "");
}

function evaluated(part: Part, lookup: Lookup, fail: (words: string) => void): string | Later {
  if (typeof part === "string") return part;
  if ("word" in part) {
    const word = resolved(part.word, lookup, fail);
    return typeof word === "string" ? shellWord(word) : word.apply(shellWord);
  }
  const value = lookup(part.name);
  if (value === undefined || typeof value === "string") return chosen(part, value, lookup, fail);
  return value.apply(known =>
    chosen(part, known, lookup, words => {
      throw new RunError(`Stack file: ${words}`);
    }),
  );
}

function chosen(
  { name, operator, other = [], emptyToo }: Variable,
  value: string | undefined,
  lookup: Lookup,
  fail: (words: string) => void,
): string | Later {
  const isSet = value !== undefined && !(emptyToo && value === "");
  if (operator === "+") return isSet ? resolved(other, lookup, fail) : "";
  if (isSet) return value;
  if (operator === "-") return resolved(other, lookup, fail);
  const reason = resolved(other, lookup, fail);
  const ways = `set it in the environment, pass it in \`variables\`, or write \${${name}:-a default}.`;
  const advice = typeof reason === "string" && reason !== "" ? reason : ways;
  fail(sentence(`needs the variable ${name}, which is ${value === "" ? "empty" : "not set"}: ${advice}`));
  return "";
}

function joined(before: string | Later, after: string | Later): string | Later {
  if (typeof before !== "string") return before.apply(text => joined(text, after));
  return typeof after === "string" ? before + after : after.apply(text => before + text);
}

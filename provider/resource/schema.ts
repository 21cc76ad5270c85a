/**
 * valibot's schemas with messages for people: each continues "<property> ", says what is wrong with which value,
 * and what to write instead.
 */
import { distance } from "fastest-levenshtein";
import * as v from "valibot";

export type { GenericSchema as Schema } from "valibot";
export { array, optional, safeParse, unknown } from "valibot";

/** No server can hand a NUL on to a process. */
const withoutNul = v.regex(/^[^\0]*$/, "must not hold a NUL character");

export const string = v.pipe(
  v.string(issue => `must be a string, not ${show(issue.input)}`),
  withoutNul,
);
export const boolean = v.boolean(issue => `must be true or false, not ${show(issue.input)}`);

/** A string whose value no message shows. */
export const secretString = v.pipe(
  v.string(issue => `must be a string, not ${kindOf(issue.input)}`),
  withoutNul,
);

export function integer(min: number, max = Number.MAX_SAFE_INTEGER) {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const message = (issue: { input: unknown }) => `must be a whole number ${range}, not ${show(issue.input)}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

export function oneOf<const T extends readonly string[]>(allowed: T) {
  return v.picklist(allowed, issue => {
    const near = nearest(String(issue.input), allowed);
    return `must be one of ${allowed.join(", ")}, not ${show(issue.input)}${near ? `; did you mean "${near}"?` : ""}`;
  });
}

/** A string of a form, described in words: `pattern(/^a/, 'must begin with "a"')`. */
export function pattern(form: RegExp, words: string) {
  return v.pipe(
    string,
    v.regex(form, issue => `${words}, not ${show(issue.input)}`),
  );
}

export function list<T extends v.GenericSchema>(item: T) {
  return v.array(item, issue => `must be a list, not ${show(issue.input)}`);
}

/** An object of any names of a form. Names that JavaScript's objects keep for themselves are refused, not dropped. */
export function record<V extends v.GenericSchema>(name: v.GenericSchema<string, string>, value: V) {
  const message = (issue: { input: unknown }) =>
    `must be an object of names and values, not ${kindOf(issue.input)}`;
  return v.pipe(
    v.custom<Record<string, unknown>>(input => kindOf(input) === "an object", message),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const reserved = RESERVED.find(key => Object.hasOwn(dataset.value, key));
      if (reserved) addIssue({ message: `cannot hold the name ${reserved}` });
    }),
    v.record(name, value, message),
  );
}

const RESERVED = ["__proto__", "constructor", "prototype"];

/** An object of exactly these keys. */
export function object<const T extends v.ObjectEntries>(entries: T) {
  return v.strictObject(entries, issue => {
    const last = issue.path?.at(-1);
    if (!last || typeof last.key === "number") return `must be an object, not ${show(issue.input)}`;
    if (issue.expected === "never")
      return `is not a property here${suggest(String(last.key), Object.keys(entries))}`;
    return issue.received === "undefined" ? "is required" : `must be an object, not ${show(issue.input)}`;
  });
}

/** `; did you mean "image"?`, or the known names when none is near. */
export function suggest(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near ? `; did you mean "${near}"?` : `; known are ${known.join(", ")}`;
}

/** A value as a message shows it: JSON, one line, short. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Close enough to be a slip: one letter, or a third of the word. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map(name => ({ name, far: distance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, far }) => far <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.far - b.far);
  return ranked[0]?.name;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/**
 * valibot's schemas with messages for people: each continues "<property> ", says what is wrong with which value,
 * and what to write instead. Of a secret they say what it must be and never what it is.
 */
import { distance } from "fastest-levenshtein";
import * as v from "valibot";

export type { GenericSchema as Schema } from "valibot";
export { optional, safeParse, unknown } from "valibot";

/**
 * With this a value is checked that is or holds a secret. Valibot hands the language on to every message of ours, and
 * has its own sentence, which quotes the value, only where there is no other.
 */
export const SECRETLY = { lang: "secret", message: "is not as it must be" } as const;

/** The only place where a value gets into a message: `found` is not even called for a secret. */
function says(must: string, found: (input: unknown) => string = value) {
  return (issue: v.BaseIssue<unknown>) => (isSecret(issue) ? must : must + found(issue.input));
}

function isSecret({ lang }: v.BaseIssue<unknown>): boolean {
  return lang === SECRETLY.lang;
}

/** Of what is put together only what it is. */
const value = (input: unknown) => `, not ${isComposed(input) ? kindOf(input) : show(input)}`;
/** What it is and not its value: no secret. */
function saysKind(must: string) {
  return ({ input }: v.BaseIssue<unknown>) => `${must}, not ${kindOf(input)}`;
}

/** No server can hand a NUL on to a process. */
const withoutNul = v.regex(/^[^\0]*$/, "must not hold a NUL character");

export const string = v.pipe(v.string(says("must be a string")), withoutNul);
export const boolean = v.boolean(says("must be true or false"));

/** A string whose value no message shows. */
export const secretString = v.pipe(v.string(saysKind("must be a string")), withoutNul);

export function integer(min: number, max = Number.MAX_SAFE_INTEGER) {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const message = says(`must be a whole number ${range}`);
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

export function oneOf<const T extends readonly string[]>(allowed: T) {
  const found = (input: unknown) => {
    const near = nearest(String(input), allowed);
    return `, not ${show(input)}${near ? `; did you mean "${near}"?` : ""}`;
  };
  return v.picklist(allowed, says(`must be one of ${allowed.join(", ")}`, found));
}

/** A string of a form, described in words: `pattern(/^a/, 'must begin with "a"')`. */
export function pattern(form: RegExp, words: string) {
  return v.pipe(string, v.regex(form, says(words)));
}

/** A string of at most so many characters. */
export function atMost<T extends v.GenericSchema<string, string>>(schema: T, most: number, noun: string) {
  const found = (input: unknown) => `, not ${counted(String(input).length)}`;
  return v.pipe(schema, v.maxLength(most, says(`must have at most ${counted(most)} ${noun}`, found)));
}

export function list<T extends v.GenericSchema>(item: T, most = Number.POSITIVE_INFINITY) {
  const found = (input: unknown) => `, not ${counted((input as unknown[]).length)}`;
  return v.pipe(
    v.array(item, says("must be a list")),
    v.maxLength(most, says(`must have at most ${counted(most)} entries`, found)),
  );
}

/** An object of any names of a form. Names that JavaScript's objects keep for themselves are refused, not dropped. */
export function record<V extends v.GenericSchema>(
  name: v.GenericSchema<string, string>,
  value: V,
  most = Number.POSITIVE_INFINITY,
) {
  const message = saysKind("must be an object of names and values");
  return v.pipe(
    v.custom<Record<string, unknown>>(input => kindOf(input) === "an object", message),
    v.rawCheck(({ dataset, config, addIssue }) => {
      if (!dataset.typed) return;
      const reserved = RESERVED.find(key => Object.hasOwn(dataset.value, key));
      const named = config.lang === SECRETLY.lang ? RESERVED.join(", ") : reserved;
      if (reserved) addIssue({ message: `cannot hold the name ${named}` });
      const count = Object.keys(dataset.value).length;
      if (count > most)
        addIssue({ message: `must have at most ${counted(most)} names, not ${counted(count)}` });
    }),
    v.record(name, value, message),
  );
}

/** What neither JavaScript nor the SDK carries as names of properties. */
export const RESERVED = ["__proto__", "constructor", "prototype"];

/** An object of exactly these keys. */
export function object<const T extends v.ObjectEntries>(entries: T) {
  const known = Object.keys(entries);
  return v.strictObject(entries, issue => {
    const last = issue.path?.at(-1);
    if (!last || typeof last.key === "number") return says("must be an object")(issue);
    if (issue.expected === "never")
      return isSecret(issue)
        ? `has a property that is none of ${known.join(", ")}`
        : `is not a property here${suggest(String(last.key), known)}`;
    return issue.received === "undefined" ? "is required" : says("must be an object")(issue);
  });
}

/** `; did you mean "image"?`, or the known names when none is near. */
export function suggest(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near ? `; did you mean "${near}"?` : `; valid are ${known.join(", ")}`;
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

function isComposed(value: unknown): boolean {
  return value !== null && typeof value === "object";
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** 32768 as people write it: 32,768. */
export function counted(number: number): string {
  return number.toLocaleString("en-US");
}

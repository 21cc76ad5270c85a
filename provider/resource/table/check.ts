import { printable } from "../../http/printable";
import type { FieldTable, Values } from "./field";
import { SECRETLY, safeParse, show, suggest } from "./schema";
import { type Secrets, secretsOf } from "./secrets";
import { UNKNOWN } from "./unknown";

/** A mistake in the program: the property, and a sentence that names it, its value and the way out. */
export interface CheckFailure {
  property: string;
  reason: string;
}

export interface CheckResult {
  /** The inputs with defaults filled in. */
  inputs: Values;
  failures: CheckFailure[];
}

/** One step into an input. */
export interface Step {
  key: unknown;
  /** A place in a list, or a name that the schema gives: neither can be a secret. */
  fixed: boolean;
}

/** Makes all failures of one check: no value of a secret, and no value that holds one, gets into their text. */
export class Failures {
  readonly all: CheckFailure[] = [];
  readonly #secrets: Secrets;

  /** `given` are the inputs as the class passed them, which tell what of them is a secret. */
  constructor(given: Values) {
    this.#secrets = secretsOf(given);
  }

  /** `words` continue "<property> ". Inside of a secret also the names are secret that the program made up. */
  add(name: string, words: string, path: readonly Step[] = []): void {
    const keys = path.map(({ key }) => key);
    const open = path.findIndex(
      ({ fixed }, index) => !fixed && this.#secrets.cover(name, keys.slice(0, index)),
    );
    const property = printable(name + dotted(open < 0 ? keys : keys.slice(0, open)));
    const reason = `${property} ${words}`;
    // A value can offend several rules that are told as one.
    if (!this.all.some(told => told.reason === reason)) this.all.push({ property, reason });
  }

  /** How valibot is to check it, so that its messages keep what is secret. */
  mode(name: string): typeof SECRETLY | undefined {
    return this.#secrets.within(name) ? SECRETLY : undefined;
  }

  /** A value of this input for a sentence; "" instead of a secret. */
  shown(name: string, value: unknown): string {
    return this.#secrets.within(name) ? "" : `${show(value)} `;
  }
}

/** Checks inputs against the table and fills in defaults. Values unknown in a preview are passed over. */
export function checkFields(
  table: FieldTable<never>,
  given: Values,
  failures = new Failures(given),
): CheckResult {
  const inputs: Values = {};
  for (const [name, field] of Object.entries(table)) {
    const { output, issues } = safeParse(field.schema, given[name], failures.mode(name));
    const value = output ?? field.default;
    if (value !== undefined) inputs[name] = value;
    for (const { input, path, message, expected } of issues ?? []) {
      if (input === UNKNOWN) continue;
      const required = path === undefined && given[name] === undefined;
      failures.add(
        name,
        required ? "is required" : message,
        path?.map(({ type, key }, at) => ({
          key,
          // In lists are objects of fixed names; one that is none of them is expected to be there never.
          fixed: type === "array" || (path[at - 1]?.type === "array" && expected !== "never"),
        })),
      );
    }
  }
  const known = Object.keys(table).filter(name => !table[name]?.internal);
  for (const name of Object.keys(given).filter(name => !Object.hasOwn(table, name)))
    failures.add(name, `is not an argument${suggest(name, known)}`);
  return { inputs, failures: failures.all };
}

function dotted(keys: readonly unknown[]): string {
  return keys.map(key => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
}

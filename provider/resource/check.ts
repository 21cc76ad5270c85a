import type { FieldTable, Values } from "./field";
import { safeParse, suggest } from "./schema";
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

/** Checks inputs against the table and fills in defaults. Values unknown in a preview are passed over. */
export function checkFields(table: FieldTable<never>, given: Values): CheckResult {
  const failures: CheckFailure[] = [];
  const inputs: Values = {};
  for (const [name, field] of Object.entries(table)) {
    const { output, issues } = safeParse(field.schema, given[name]);
    const value = output ?? field.default;
    if (value !== undefined) inputs[name] = value;
    for (const { input, path, message } of issues ?? []) {
      if (input === UNKNOWN) continue;
      const property = name + dotted(path?.map(step => step.key) ?? []);
      const required = path === undefined && given[name] === undefined;
      failures.push({ property, reason: `${property} ${required ? "is required" : message}` });
    }
  }
  const known = Object.keys(table).filter(name => !table[name]?.internal);
  for (const name of Object.keys(given).filter(name => !Object.hasOwn(table, name))) {
    failures.push({ property: name, reason: `${name} is not an argument${suggest(name, known)}` });
  }
  return { inputs, failures };
}

function dotted(keys: unknown[]): string {
  return keys.map(key => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
}

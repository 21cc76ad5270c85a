import { isDeepStrictEqual } from "node:util";
import { canonical, type Field, type FieldTable, type Values } from "./field";
import { derivedFields } from "./outputs";
import { hasUnknown } from "./unknown";

export interface Change {
  kind: "add" | "update" | "delete";
  replace: boolean;
  /** What differs is in no input: the engine could not find it by comparing them. */
  hidden?: true;
}

/** What differs, by property. */
export type Changes = Record<string, Change>;

/** Compares inputs with what the server last said. A filter over the table: mutability is data. */
export function diffFields(table: FieldTable<never>, outputs: Values, inputs: Values): Changes {
  const derived = derivedFields(outputs);
  const changes: Changes = {};
  for (const [name, field] of Object.entries(table)) {
    if (field.change === "none") continue;
    const kind = difference(field, outputs[name], inputs[name], derived.includes(name));
    if (!kind) continue;
    // An unknown value may turn out to be the present one: no replacement is announced that may not come.
    const certain = !hasUnknown(inputs[name]) || field.isCertain?.(inputs[name]) === true;
    changes[name] = { kind, replace: field.change === "replace" && certain };
  }
  return changes;
}

function difference(
  field: Field<never>,
  told: unknown,
  declared: unknown,
  derived: boolean,
): Change["kind"] | undefined {
  if (hasUnknown(declared)) return "update";
  const [before, after] = [canonical(field, told), canonical(field, declared)];
  if (isDeepStrictEqual(before, after)) return undefined;
  if (derived && declared === undefined) return undefined;
  if (declared === undefined) return "delete";
  return told === undefined ? "add" : "update";
}

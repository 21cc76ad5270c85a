import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../http/json";
import { canonical, type Field, type FieldTable, type Values } from "./field";
import { derivedFields } from "./outputs";
import { pathWithin, propertyOf } from "./property-path";
import { hasUnknown } from "./unknown";

export interface DiffEntry {
  kind: "add" | "update" | "delete";
  replace: boolean;
  /** What differs is in no input: the engine could not find it by comparing them. */
  hidden?: true;
}

/** What differs, by property path: of an object each key, of a list only that it does. */
export type DiffEntries = Readonly<Record<string, DiffEntry>>;

export interface Diff {
  entries: DiffEntries;
  /** Whether a replacement deletes the old resource first: both cannot be there at once. */
  deleteBeforeReplace?: boolean;
}

/** The properties in which something differs, each once. */
export function changedProperties(entries: DiffEntries): string[] {
  return [...new Set(Object.keys(entries).map(propertyOf))];
}

/** The properties that replace the resource, each once. */
export function replacedProperties(entries: DiffEntries): string[] {
  const replacing = Object.entries(entries).filter(([, { replace }]) => replace);
  return changedProperties(Object.fromEntries(replacing));
}

/** Compares inputs with what the server last said. A filter over the table: mutability is data. */
export function diffFields(table: FieldTable<never>, outputs: Values, inputs: Values): DiffEntries {
  const derived = derivedFields(outputs);
  const entries: Record<string, DiffEntry> = {};
  for (const [name, field] of Object.entries(table)) {
    if (field.change === "none") continue;
    const declared = inputs[name];
    if (declared === undefined && derived.includes(name)) continue;
    // An unknown value may turn out to be the present one: no replacement is announced that may not come.
    const certain = !hasUnknown(declared) || field.isCertain?.(declared) === true;
    const replace = field.change === "replace" && certain;
    for (const [path, kind] of differences(name, field, outputs[name], declared))
      entries[path] = { kind, replace };
  }
  return entries;
}

type Difference = [path: string, kind: DiffEntry["kind"]];

function differences(name: string, field: Field<never>, actual: unknown, declared: unknown): Difference[] {
  const before = canonical(field, actual);
  // What is unknown has no canonical form.
  const after = hasUnknown(declared) ? declared : canonical(field, declared);
  if (isDeepStrictEqual(before, after)) return [];
  if (declared === undefined) return [[name, "delete"]];
  return within(name, actual === undefined && !isRecord(before) ? undefined : before, after);
}

function within(path: string, before: unknown, after: unknown): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (before === undefined) return [[path, hasUnknown(after) ? "update" : "add"]];
  if (after === undefined) return [[path, "delete"]];
  if (!isRecord(before) || !isRecord(after)) return [[path, "update"]];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap(key => within(pathWithin(path, key), before[key], after[key]));
}

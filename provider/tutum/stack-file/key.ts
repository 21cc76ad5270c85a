/** How the Tutum API supports a key of a stack file, and how mappings are read by tables of keys. */

import { sentence } from "../../resource/sentence";
import { suggest } from "../../resource/table/schema";
import type { Value } from "./value";

export interface Key<Owner> {
  /**
   * `read`: it declares something, or is a mistake with its own advice. `error`: without it containers would
   * behave differently. `warning`: without it they would not.
   */
  verdict: "read" | "error" | "warning";
  /** Reads the key's value into its owner, or adds a problem. */
  read(value: Value, owner: Owner, at: Value): void;
}

export type Keys<Owner> = Readonly<Record<string, Key<Owner>>>;

export function reads<Owner>(read: Key<Owner>["read"]): Key<Owner> {
  return { verdict: "read", read };
}

/** A key without which containers would behave differently. Its `usual` values have no effect. */
export function differs(reason: string, ...usual: string[]): Key<unknown> {
  return {
    verdict: "error",
    read(value, _owner, at) {
      if (!isUsual(value, usual)) notSupported(at, reason);
    },
  };
}

/** A key without which containers behave the same. */
export function ignored(reason: string, ...usual: string[]): Key<unknown> {
  return {
    verdict: "warning",
    read(value, _owner, at) {
      if (!isUsual(value, usual)) at.warn(`is ignored: ${reason}.`);
    },
  };
}

/** Adds the problem that containers would behave differently without this key. */
export function notSupported(at: Value, reason: string): undefined {
  return at.unsupported(
    `is not supported: ${reason}. Remove it, or accept that with ${at.source.options.acceptedBy}.`,
  );
}

/** One verdict for several keys, their names separated by spaces. */
export function each(names: string, key: Key<unknown>): Keys<unknown> {
  return Object.fromEntries(names.split(/\s+/).map(name => [name, key]));
}

/** Reads the keys of a mapping by their table. Those that begin with `x-` are the user's own, as Compose has it. */
export function keysOf<Owner>(mapping: Value, table: Keys<Owner>, owner: Owner, what: string): void {
  for (const { key, at, value } of mapping.entries()) {
    const found = Object.hasOwn(table, key) ? table[key] : undefined;
    if (found) found.read(value, owner, at);
    else if (!key.startsWith("x-"))
      at.error(sentence(`is not a key of ${what}${suggestion(key, Object.keys(table))}`));
  }
}

/** Only a similar name: a list of all would be too long. */
function suggestion(key: string, keys: readonly string[]): string {
  const words = suggest(key, keys);
  return keys.length > 10 && !words.includes("did you mean") ? "" : words;
}

function isUsual(value: Value, usual: readonly string[]): boolean {
  if (value.isNull || value.raw === "false" || (value.raw !== undefined && usual.includes(value.raw)))
    return true;
  return (value.isList && value.items().length === 0) || (value.isMap && value.entries().length === 0);
}

/** What a key of a stack file is to the Tutum API, and how mappings are read by tables of keys. */

import { sentence } from "../../resource/sentence";
import { suggest } from "../../resource/table/schema";
import type { Value } from "./value";

export interface Key<Owner> {
  /**
   * `read`: it declares something, or is a mistake with a way out of its own. `error`: without it containers would
   * behave otherwise. `warning`: without it they would not.
   */
  verdict: "read" | "error" | "warning";
  /** Reads what the key has into its owner, or says why not. */
  read(value: Value, owner: Owner, at: Value): void;
}

export type Keys<Owner> = Readonly<Record<string, Key<Owner>>>;

export function reads<Owner>(read: Key<Owner>["read"]): Key<Owner> {
  return { verdict: "read", read };
}

/** A key without which containers would behave otherwise. What is said by one of its `usual` values, holds anyway. */
export function differs(reason: string, ...usual: string[]): Key<unknown> {
  return {
    verdict: "error",
    read(value, _owner, at) {
      if (!saysNothing(value, usual)) unlike(at, reason);
    },
  };
}

/** A key without which containers behave the same. */
export function ignored(reason: string, ...usual: string[]): Key<unknown> {
  return {
    verdict: "warning",
    read(value, _owner, at) {
      if (!saysNothing(value, usual)) at.warn(`is ignored: ${reason}.`);
    },
  };
}

/** Says that containers would behave otherwise than with what is written here. */
export function unlike(at: Value, reason: string): undefined {
  return at.unsupported(
    `cannot be honoured, ${reason}: remove it, or accept that with ${at.source.options.acceptedBy}.`,
  );
}

/** One verdict for several keys: their names with spaces between. */
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

/** Only a near name: the list of all would bury it. */
function suggestion(key: string, keys: readonly string[]): string {
  const words = suggest(key, keys);
  return keys.length > 10 && !words.includes("did you mean") ? "" : words;
}

function saysNothing(value: Value, usual: readonly string[]): boolean {
  if (value.isNull || value.raw === "false" || (value.raw !== undefined && usual.includes(value.raw)))
    return true;
  return (value.isList && value.items().length === 0) || (value.isMap && value.entries().length === 0);
}

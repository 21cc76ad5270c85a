/** What the storage keeps for an API: records in named collections. It reads nothing in them but where they belong. */

/**
 * Records by the name of their collection. They are plain JSON, and never changed, only replaced.
 * `Kept` names the collections, and what a record of each is.
 */
export type Collections<Kept extends object> = { readonly [Name in keyof Kept]?: readonly Kept[Name][] };

export interface Change<Kept extends object> {
  /** New, or in place of those with the same id. */
  readonly put: Collections<Kept>;
  /** Ids of what is gone, of whichever collection. */
  readonly deleted: readonly string[];
}

/** An API's records, in memory. */
export interface Records<Kept extends object> {
  /** What snapshots call the collections, where that is not their name. */
  readonly shortNames?: { readonly [Name in keyof Kept]?: string };
  /** While the server starts: a whole state first, then every change since, in order. */
  apply(change: Change<Kept>): void;
  /** After the last change that was appended. */
  state(): Collections<Kept>;
  /** True when records of before the change hold secrets that nobody has any more. */
  outdatesSecrets(change: Change<Kept>): boolean;
}

/** A change as a journal's line has it. */
export type ChangeLine = { readonly deleted?: readonly string[] };

export function lineOf<Kept extends object>({ put, deleted }: Change<Kept>): ChangeLine {
  return { ...put, ...(deleted.length > 0 ? { deleted } : {}) };
}

export function changeOf<Kept extends object>({ deleted = [], ...put }: ChangeLine): Change<Kept> {
  return { put: put as Collections<Kept>, deleted };
}

export function countOf<Kept extends object>(collections: Collections<Kept>): number {
  return Object.values<readonly unknown[] | undefined>(collections).reduce(
    (count, records = []) => count + records.length,
    0,
  );
}

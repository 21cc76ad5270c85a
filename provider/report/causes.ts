/** Why a resource is replaced: its own properties, or what it is linked to. */
import type { FoldedStep } from "./folded-steps";
import type { Changed, ChangedByUrn, LinkedTo, ReportedKind } from "./kind";
import { byName } from "./natural";
import { list, type Phrase, say } from "./phrase";

/** Targets whose replacement recreates the link, and so replaces the resource. */
export function movedTargets({ kind, step, links, changes }: Changed, all: ChangedByUrn): LinkedTo[] {
  if (step.operation !== "replace" || !changes.some(({ field }) => field === kind.links?.property)) return [];
  return links.after.filter(({ urn }) => {
    const target = urn === undefined || urn === step.urn ? undefined : all.get(urn);
    return (
      target !== undefined && isRecreated(target.step) && links.before.some(before => before.urn === urn)
    );
  });
}

/** Replaced, or deleted by somebody and created again: whatever is linked to it has to be linked to another one. */
export function isRecreated({ operation, refreshed }: FoldedStep): boolean {
  return operation === "replace" || (operation === "create" && refreshed?.before !== undefined);
}

/** From the resource up to the one whose own change started it all: proxy, web, db. */
export function chain(changed: Changed, all: ChangedByUrn): Changed[] {
  const known = chains.get(all) ?? new Map<Changed, Changed[]>();
  chains.set(all, known);
  const found = known.get(changed) ?? upFrom(changed, all);
  known.set(changed, found);
  return found;
}

const chains = new WeakMap<ChangedByUrn, Map<Changed, Changed[]>>();

function upFrom(changed: Changed, all: ChangedByUrn): Changed[] {
  const up = new Set([changed]);
  for (let last: Changed | undefined = changed; last && !hasOwnReason(last, all); ) {
    last = movedTargets(last, all)
      .map(({ urn }) => all.get(urn ?? ""))
      .find(target => target !== undefined && !up.has(target));
    if (last) up.add(last);
  }
  return [...up];
}

/** Names of those that are replaced because this one is, by the URN of this one. */
export function dependents(all: ChangedByUrn): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const changed of all.values()) {
    const root = chain(changed, all).at(-1);
    if (!root || root === changed) continue;
    found.set(root.step.urn, [...(found.get(root.step.urn) ?? []), changed.step.name]);
  }
  for (const names of found.values()) names.sort(byName);
  return found;
}

/** `replaced because image changed`, `replaced because its link to db is recreated`. */
export function reason(changed: Changed, all: ChangedByUrn): Phrase {
  if (changed.step.operation === "create") return ["created again, as it was deleted outside Pulumi"];
  const moved = movedTargets(changed, all);
  const own = ownReasons(changed, all);
  const reasons: Phrase[] = [];
  if (own.length > 0) reasons.push(say`${list(own)} changed`);
  if (moved.length > 0) {
    const targets = list(moved.map(({ name }) => say`${name}`));
    reasons.push(
      say`its ${moved.length > 1 ? ["links"] : ["link"]} to ${targets} ${[moved.length > 1 ? "are recreated" : "is recreated"]}`,
    );
  }
  if (reasons.length > 0) return say`replaced because ${list(reasons)}`;
  return say`replaced without a change of a property (${"--replace"}, or resumed from an earlier run)`;
}

/** What is at the root of it, for one that is replaced because of its links. */
export function rootCause(changed: Changed, all: ChangedByUrn): Phrase | undefined {
  const up = chain(changed, all);
  const root = up.at(-1);
  if (!root || root === changed) return undefined;
  const why = reason(root, all);
  return up.length === 2 ? say`${root.step.name} is ${why}` : say`it begins with ${root.step.name}, ${why}`;
}

function hasOwnReason(changed: Changed, all: ChangedByUrn): boolean {
  return ownReasons(changed, all).length > 0;
}

function ownReasons(changed: Changed, all: ChangedByUrn): Phrase[] {
  const guilty = changed.changes.filter(({ forcesReplacement }) => forcesReplacement);
  const moved = movedTargets(changed, all).length > 0;
  // Whatever else changed among the links is in the table; that a target is recreated is reason enough.
  const own = guilty.filter(({ field }) => !(moved && field === changed.kind.links?.property));
  const asked = new Set(own.map(({ field }) => field).filter(field => !replacesByTable(field, changed.kind)));
  return [...new Set(own.map(({ field }) => field))].map(field =>
    asked.has(field) ? say`${field} (which the program lists in ${"replaceOnChanges"})` : say`${field}`,
  );
}

/** Whether a change of the property replaces such a resource, whatever the program says. */
export function replacesByTable(field: string, { table }: ReportedKind): boolean {
  return table[field]?.change === "replace";
}

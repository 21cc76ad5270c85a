/**
 * What changes in a resource, old and new, by property. From the inputs: what the engine lists as changed counts
 * order and spelling, and for a dynamic resource it never marks what forces the replacement.
 */

import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../http/json";
import { canonical, type Field } from "../resource/table/field";
import { derivedFields } from "../resource/table/outputs";
import { fromHost, hasUnknown, UNKNOWN } from "../resource/table/unknown";
import type { FoldedStep } from "./folded-steps";
import type { LinkedTo, Links, ReportedKind } from "./kind";
import type { Values } from "./preview";
import type { PropertyChange, Shown } from "./property-change";
import { isMarked, isSecret, isSuspicious, type Masking } from "./secrets";

interface Leaf {
  path: string;
  before: unknown;
  after: unknown;
}

/** `links` are the targets by name, in place of their ids. */
export function propertyChanges(
  kind: ReportedKind,
  step: FoldedStep,
  links: Links,
  masking: Masking,
): PropertyChange[] {
  const { operation, oldState, newState } = step;
  if (operation === "delete") return [];
  return (
    Object.entries(kind.table)
      // What the class adds by itself is of interest only when it is all that changes.
      .filter(([, { change, internal }]) => change !== "none" && !(internal && operation !== "update"))
      .flatMap(([name, field]) => {
        const after = fromHost(newState?.inputs?.[name]);
        const leaves = changedLeaves(name, field, fromHost(oldState?.inputs?.[name]), after, step);
        const told =
          leaves.length === 0 && step.diffReasons.includes(name)
            ? toldDifference(name, field, oldState?.outputs, after, step)
            : leaves;
        return told.map(leaf => ({
          field: name,
          path: leaf.path,
          ...(name === kind.links?.property
            ? shownLinks(leaf, links)
            : shownSides(leaf, field, kind, masking)),
          forcesReplacement: operation === "replace" && isGuilty(name, field, step),
        }));
      })
  );
}

/** `replaceOnChanges` in a program makes any property force a replacement; then the engine names it. */
function isGuilty(name: string, field: Field<never>, { replaceReasons }: FoldedStep): boolean {
  const named = replaceReasons.some(reason => reason.split(/[.[]/)[0] === name);
  return named || (replaceReasons.length === 0 && field.change === "replace");
}

function changedLeaves(
  name: string,
  field: Field<never>,
  before: unknown,
  after: unknown,
  step: FoldedStep,
): Leaf[] {
  // A link that is unknown is one to a resource that is recreated.
  if (hasUnknown(after) && !isPlain(after)) return [{ path: name, before, after }];
  if (!isPlain(before ?? after) || !isPlain(after ?? before)) {
    return isSame(field, before, after, name, step) ? [] : [{ path: name, before, after }];
  }
  const [old, current] = [(before ?? {}) as Values, (after ?? {}) as Values];
  return [...new Set([...Object.keys(old), ...Object.keys(current)])]
    .sort()
    .map(key => ({ path: `${name}.${key}`, before: own(old, key), after: own(current, key) }))
    .filter(leaf => hasUnknown(leaf.after) || !isSameText(leaf.before, leaf.after, leaf.path, step));
}

/** What the server last told, when the inputs are equal: an earlier change of it that failed half-way. */
function toldDifference(
  name: string,
  field: Field<never>,
  outputs: Values | undefined,
  after: unknown,
  step: FoldedStep,
): Leaf[] {
  if (!outputs || (after === undefined && derivedFields(outputs).includes(name))) return [];
  return changedLeaves(name, field, fromHost(outputs[name]), after, { ...step, changedPaths: [] });
}

function isSame(field: Field<never>, before: unknown, after: unknown, path: string, step: FoldedStep) {
  return isSameText(comparable(field, before), comparable(field, after), path, step);
}

/** Two secrets look alike; that one changed is only known from the engine. */
function isSameText(before: unknown, after: unknown, path: string, { changedPaths }: FoldedStep): boolean {
  if (isSecret(before) && isSecret(after))
    return !changedPaths.some(changed => isWithin(changed, path) || isWithin(path, changed));
  return isDeepStrictEqual(before, after);
}

/** Paths of the engine: `containerEnvvars.A`, `containerEnvvars["a.b"]`, `containerPorts[0].innerPort`. */
function isWithin(path: string, outer: string): boolean {
  const [inner, whole] = [path, outer].map(each => each.replace(/\["((?:[^"\\]|\\.)*)"\]/g, ".$1"));
  return (
    inner === whole || inner?.startsWith(`${whole}.`) === true || inner?.startsWith(`${whole}[`) === true
  );
}

/** As the provider compares; a state of another version may hold what this one cannot read. */
function comparable(field: Field<never>, value: unknown): unknown {
  if (isSecret(value)) return value;
  try {
    return canonical(field, value);
  } catch {
    return value;
  }
}

function shownSides(
  { path, before, after }: Leaf,
  field: Field<never>,
  { identifiers = [] }: ReportedKind,
  masking: Masking,
) {
  const hidden = [before, after].some(
    side => isSecret(side) || (!identifiers.includes(path) && isSuspicious(path, side, masking)),
  );
  return { from: shown(before, field, hidden), to: shown(after, field, hidden) };
}

function shown(value: unknown, field: Field<never>, hidden: boolean): Shown {
  if (value === undefined || value === null) return { kind: "none" };
  if (hidden) return { kind: "secret" };
  if (hasUnknown(value)) return { kind: "unknown" };
  if (typeof value === "string") return { kind: "value", text: value };
  const form = Array.isArray(value) ? comparable(field, value) : value;
  if (Array.isArray(form) && form.every(item => typeof item === "string"))
    return form.length === 0 ? { kind: "none" } : { kind: "value", text: form.join(", ") };
  return { kind: "value", text: JSON.stringify(value) };
}

function shownLinks({ before, after }: Leaf, links: Links): { from: Shown; to: Shown } {
  const side = (value: unknown, targets: LinkedTo[]): Shown => {
    if (value === UNKNOWN) return { kind: "unknown" };
    if (targets.length === 0) return { kind: "none" };
    const all = targets.map(({ name, alias }) => (alias === undefined ? name : `${name} as ${alias}`));
    return { kind: "value", text: all.sort().join(", ") };
  };
  return { from: side(before, links.before), to: side(after, links.after) };
}

function own(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

function isPlain(value: unknown): value is Values {
  return isRecord(value) && !isMarked(value);
}

/** Whether data can be lost with a resource: only then does a report say so. */
import type { FoldedStep } from "./folded-steps";
import type { ReportedKind } from "./kind";

/** What the reader knows better than the kind: names of resources, or of what they are made of (images). */
export interface DataHolders {
  holdsData?: readonly string[];
  holdsNoData?: readonly string[];
}

export function holdsData(
  { name, oldState, newState }: FoldedStep,
  kind: ReportedKind,
  known: DataHolders = {},
): boolean {
  const state = oldState ?? newState ?? {};
  const held = kind.data?.(state);
  const names = [name, ...(held?.names ?? [])];
  const isNamed = (list: readonly string[] = []) => names.some(each => list.includes(each));
  if (isNamed(known.holdsNoData)) return false;
  if (isNamed(known.holdsData)) return true;
  // Whoever protects it from deletion has a reason.
  return held !== undefined && (held.likely || state.protect === true);
}

/** A replacement is two or three steps of the engine; in a report each resource is one row. */
import { nameOf, type Preview, type ResourceState, type Step, typeOf } from "./preview";

export const OPERATIONS = ["delete", "replace", "update", "create", "import", "read", "same"] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface FoldedStep extends Omit<Step, "op"> {
  name: string;
  type: string;
  operation: Operation;
  /** The old one goes before the new one comes, and is missing in between. */
  deleteFirst: boolean;
  /** What an earlier, interrupted replacement left behind is deleted. */
  leftover: boolean;
  /** What a refresh found before the preview. */
  refreshed?: { before?: ResourceState; after?: ResourceState };
}

const REPLACEMENT = /^replace$|-replacement$|-replaced$/;
const DELETION = /^delete$|^(delete|discard)-replaced$/;
/** Nothing happens on any server. */
const UNCHANGING = new Set(["discard", "remove-pending-replace"]);

/** By resource, in the order in which the engine first names each. */
export function foldedSteps({ steps }: Preview): FoldedStep[] {
  const byUrn = new Map<string, Step[]>();
  for (const step of steps) byUrn.set(step.urn, [...(byUrn.get(step.urn) ?? []), step]);
  return [...byUrn].map(([urn, own]) => folded(urn, own));
}

function folded(urn: string, all: Step[]): FoldedStep {
  const refresh = all.find(({ op }) => op === "refresh");
  const steps = all.filter(({ op }) => op !== "refresh");
  const ops = steps.map(({ op }) => op);
  // The one that says most: it has both states, or at least the new one.
  const main =
    steps.find(({ op }) => op === "replace") ??
    steps.find(({ op }) => op === "create-replacement") ??
    steps.find(({ op }) => !DELETION.test(op)) ??
    steps[0];
  const old = main?.oldState ?? steps.find(({ oldState }) => oldState)?.oldState;
  const operation = main ? operationOf(ops, main.op) : "same";
  const step: FoldedStep = {
    urn,
    name: nameOf(urn),
    type: typeOf(urn),
    operation,
    oldState: operation === "create" ? main?.oldState : (old ?? refresh?.oldState),
    newState: main?.newState ?? (operation === "same" ? refresh?.newState : undefined),
    diffReasons: union(steps.map(({ diffReasons }) => diffReasons)),
    replaceReasons: union(steps.map(({ replaceReasons }) => replaceReasons)),
    changedPaths: union(steps.map(({ changedPaths }) => changedPaths)),
    deleteFirst: operation === "replace" && isDeletedFirst(ops, old),
    leftover: isLeftover(ops, operation),
  };
  return refresh ? { ...step, refreshed: refreshed(refresh, main) } : step;
}

function operationOf(ops: string[], main: string): Operation {
  if (ops.every(op => DELETION.test(op))) return "delete";
  if (ops.some(op => REPLACEMENT.test(op))) return "replace";
  if (UNCHANGING.has(main)) return "same";
  // An operation that this version does not know is at least a change.
  return OPERATIONS.find(operation => operation === main) ?? "update";
}

function isLeftover(ops: string[], operation: Operation): boolean {
  if (operation === "delete") return !ops.includes("delete");
  return operation !== "replace" && ops.some(op => DELETION.test(op));
}

/** The event stream tells by its order, the digest by a mark in the state. */
function isDeletedFirst(ops: string[], old: ResourceState | undefined): boolean {
  const [deleted, created] = [ops.indexOf("delete-replaced"), ops.indexOf("create-replacement")];
  return deleted >= 0 && created >= 0 ? deleted < created : old?.pendingReplacement === true;
}

/** A digest has the state from before the refresh twice: what was found is the old state of the step that follows. */
function refreshed(refresh: Step, next: Step | undefined): FoldedStep["refreshed"] {
  const found = next?.oldState ?? refresh.newState;
  return { before: refresh.oldState, after: next?.op === "create" ? undefined : found };
}

function union(lists: string[][]): string[] {
  return [...new Set(lists.flat())];
}

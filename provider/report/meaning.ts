/** What a change means to those who run the resources, in a sentence: the part that is the same for every kind. */
import { reason, replacesByTable, rootCause } from "./causes";
import type { Changed, ChangedByUrn } from "./kind";
import { join, list, names, type Phrase, say } from "./phrase";
import { type PropertyChange, textOf } from "./property-change";

/** `followers` are the names of those that are replaced because this one is. */
export function meaning(changed: Changed, all: ChangedByUrn, followers: string[] = []): Phrase {
  const { operation } = changed.step;
  if (operation === "create" || operation === "import") return creation(changed, all);
  if (operation === "delete") return deletion(changed, all);
  if (operation === "replace") return replacement(changed, all, followers);
  return update(changed, all);
}

/** Whether an update may turn into a replacement once its unknown values are known. */
export function mayBeReplaced(changed: Changed): boolean {
  return (
    changed.step.operation === "update" &&
    changed.changes.some(change => isUncertainReplacement(change, changed))
  );
}

/** Whether it is stopped, or gone before its successor comes. */
export function goesDown(changed: Changed): boolean {
  const { step, kind } = changed;
  if (step.operation === "delete") return !step.leftover && !isKept(changed);
  if (step.operation === "replace") return step.deleteFirst;
  return step.operation === "update" && kind.isStopped?.(changed) === true;
}

/** Whether an update loses a part of it. */
export function shrinks(changed: Changed): boolean {
  return changed.step.operation === "update" && changed.kind.shrinks?.(changed) === true;
}

/** Whether it only leaves the state. */
export function isKept({ step }: Pick<Changed, "step">): boolean {
  return step.oldState?.retainOnDelete === true;
}

/** Whether the property says nothing that the rest of the row doesn't. */
export function isObvious({ field, from, to }: PropertyChange, { kind, step }: Changed): boolean {
  return field === kind.nameProperty && from.kind === "none" && textOf(to) === step.name;
}

function creation(changed: Changed, all: ChangedByUrn): Phrase {
  const { kind, step } = changed;
  const adopt = Object.hasOwn(kind.table, "adopt") ? step.newState?.inputs?.adopt : undefined;
  if (typeof adopt === "string") return say`adopts ${adopt}, which exists on the server`;
  const again = step.refreshed?.before ? "created again, as it was deleted outside Pulumi: " : "created: ";
  return [again, ...join(kind.words.created(changed, all), "; ")];
}

function deletion(changed: Changed, all: ChangedByUrn): Phrase {
  const { kind, step } = changed;
  if (step.leftover)
    return [`deletes what an interrupted replacement left behind; the ${kind.noun} itself stays`];
  if (isKept(changed))
    return [
      `leaves the state, and ${kind.words.kept ?? "stays on the server"}: the program says `,
      { code: "retainOnDelete" },
    ];
  return join(kind.words.deleted(changed, all), "; ");
}

function replacement(changed: Changed, all: ChangedByUrn, followers: string[]): Phrase {
  const { kind, step } = changed;
  const root = rootCause(changed, all);
  const why = root ? say`${reason(changed, all)} (${root})` : reason(changed, all);
  const [first = [], ...rest] = kind.words.replaced(changed, all);
  const order: Phrase[] = step.deleteFirst
    ? [["the old one is deleted first, so it is down until the new one runs"]]
    : [];
  const one = followers.length === 1;
  const follow =
    followers.length > 0
      ? [
          say`${names(followers)} ${[one ? "is replaced because its link is recreated" : "are replaced because their links are recreated"]}`,
        ]
      : [];
  return say`${why}: ${join([first, ...order, ...rest, ...follow], "; ")}`;
}

function update(changed: Changed, all: ChangedByUrn): Phrase {
  const { kind, step, changes } = changed;
  if (changes.length === 0) {
    const state = step.oldState && kind.lastSeen?.(step.oldState);
    const seen = state === undefined ? [] : say`: it was ${state} when last seen`;
    return say`resumed, no property differs${seen}`;
  }
  const certain = changes.filter(change => !isUncertainReplacement(change, changed));
  const uncertain = changes.filter(change => isUncertainReplacement(change, changed));
  const fields = [...new Set(uncertain.map(({ field }) => field))].map(field => say`${field}`);
  const maybe: Phrase[] =
    fields.length > 0
      ? [say`replaced if ${list(fields)} turns out different, which is not known before ${"pulumi up"}`]
      : [];
  return join([...kind.words.updated(certain, changed, all), ...maybe], ", ");
}

function isUncertainReplacement({ field, forcesReplacement }: PropertyChange, { kind }: Changed): boolean {
  return replacesByTable(field, kind) && !forcesReplacement;
}

/** What a change in place means where a kind has no better words for it. */
export function inPlace({ field }: PropertyChange): Phrase {
  if (field === "deadlines") return ["its deadlines change, nothing on the server"];
  if (field === "secretInputs") return ["which of its arguments are secrets changes, nothing on the server"];
  return say`${field} changes in place`;
}

/** In which order the changes happen, what is down meanwhile and which links are rebuilt. */
import { dependencyOrder } from "../resource/dependency-order";
import type { Edge, Graph } from "./graph";
import type { Changed, ReportedKind } from "./kind";
import { goesDown } from "./meaning";
import { byName } from "./natural";
import { join, list, names, type Phrase, say } from "./phrase";

/** Nothing for changes that neither create nor delete several: there is no order to speak of. */
export function order(changed: readonly Changed[], graph: Graph): Phrase[] {
  const made = inOrder(
    changed.filter(({ step }) => step.operation === "create" || step.operation === "replace"),
  );
  const deleted = inOrder(
    changed.filter(({ step }) => step.operation === "delete" && !step.leftover),
  ).reverse();
  const replaced = made.filter(({ step }) => step.operation === "replace");
  if (made.length + deleted.length + replaced.length < 2) return [];
  const named = (all: readonly Changed[]) => names(all.map(({ step }) => step.name));
  const first = replaced.filter(({ step }) => step.deleteFirst).reverse();
  const old = replaced.filter(({ step }) => !step.deleteFirst).reverse();
  const inPlace = changed.filter(({ step }) => step.operation === "update");
  const sentences: Phrase[] = [];
  if (first.length > 0) sentences.push(say`Deleted first: ${named(first)}.`);
  if (made.length > 0) {
    const waits: Phrase = areLinked(made) ? [", each once what it is linked to runs"] : [];
    sentences.push(say`Created: ${named(made)}${waits}.`);
  }
  if (inPlace.length > 0) sentences.push(say`Changed in place: ${named(inPlace)}.`);
  const last = [
    ...(old.length > 0 ? [say`the old ${named(old)}`] : []),
    ...(deleted.length > 0 ? [named(deleted)] : []),
  ];
  if (last.length > 0) sentences.push(say`Deleted last: ${join(last, ", then ")}.`);
  const down = changed.filter(goesDown);
  const kinds = byKind(changed);
  const unreachable = kinds.flatMap(([kind, own]) => kind.unreachable?.(own) ?? []);
  if (down.length > 0) sentences.push(say`Down: ${named(down)}.`);
  sentences.push(...unreachable);
  if (down.length + unreachable.length === 0) sentences.push(["Nothing that changes is down meanwhile."]);
  sentences.push(...kinds.flatMap(([kind, own]) => kind.peak?.(own) ?? []));
  const moved = graph.edges.filter(({ mark }) => mark === "moves");
  if (moved.length > 0) sentences.push(say`Links rebuilt: ${links(moved, graph)}.`);
  return sentences;
}

function byKind(changed: readonly Changed[]): [ReportedKind, Changed[]][] {
  const kinds = new Map<ReportedKind, Changed[]>();
  for (const each of changed) kinds.set(each.kind, [...(kinds.get(each.kind) ?? []), each]);
  return [...kinds];
}

function areLinked(made: readonly Changed[]): boolean {
  const urns = new Set(made.map(({ step }) => step.urn));
  return made.some(({ links }) => links.after.some(({ urn }) => urn !== undefined && urns.has(urn)));
}

const LINKS_NAMED = 6;

function links(edges: readonly Edge[], { nodes }: Graph): Phrase {
  const byKey = new Map(nodes.map(({ key, name }) => [key, name]));
  const rest = edges.length - LINKS_NAMED;
  const named = edges
    .slice(0, LINKS_NAMED)
    .map(({ from, to }) => say`${byKey.get(from) ?? from} to ${byKey.get(to) ?? to}`);
  return list([...named, ...(rest > 0 ? [[`${rest} more`]] : [])]);
}

/** What is linked to comes before what links to it; the same order for the same names. */
function inOrder(changed: readonly Changed[]): Changed[] {
  const byUrn = new Map(changed.map(each => [each.step.urn, each]));
  const linkedTo = ({ links }: Changed) =>
    [...links.before, ...links.after]
      .map(({ urn }) => byUrn.get(urn ?? ""))
      .filter(target => target !== undefined)
      .reverse();
  return dependencyOrder(
    [...changed].sort((a, b) => byName(a.step.urn, b.step.urn)),
    linkedTo,
  );
}

/** In which order the changes happen, what is down meanwhile and which links are rebuilt. */
import { dependencyOrder } from "../resource/dependency-order";
import type { Changed } from "./causes";
import { domainOf } from "./domains";
import type { Edge, Graph } from "./graph";
import { goesDown } from "./meaning";
import { byName } from "./natural";
import { count, join, list, names, type Phrase, say } from "./phrase";
import type { ResourceState } from "./preview";

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
  const freed = freedDomains(changed);
  if (down.length > 0) sentences.push(say`Down: ${named(down)}.`);
  if (freed.length > 0)
    sentences.push(say`${names(freed)} ${[freed.length > 1 ? "lead" : "leads"]} nowhere afterwards.`);
  if (down.length + freed.length === 0) sentences.push(["Nothing that changes is down meanwhile."]);
  sentences.push(...peak(changed));
  const moved = graph.edges.filter(({ mark }) => mark === "moves");
  if (moved.length > 0) sentences.push(say`Links rebuilt: ${links(moved, graph)}.`);
  return sentences;
}

/** Domains of applications that go or lose them, which no other takes over. */
function freedDomains(changed: readonly Changed[]): string[] {
  const kept = new Set(
    changed.map(({ step }) => (step.operation === "delete" ? undefined : domainOf(step.newState))),
  );
  const before = changed
    .filter(({ step }) => !step.leftover && step.oldState?.retainOnDelete !== true)
    .map(({ step }) => domainOf(step.oldState))
    .filter(domain => domain !== undefined);
  return [...new Set(before)].filter(domain => !kept.has(domain)).sort(byName);
}

/** How many containers run at once while old and new ones are both there; nothing where a number is not known. */
function peak(changed: readonly Changed[]): Phrase[] {
  let [now, afterwards, most] = [0, 0, 0];
  for (const { step } of changed) {
    const [old, next] = [containers(step.oldState), containers(step.newState)];
    if (step.leftover) continue;
    const before = step.operation === "create" ? 0 : old;
    const after = step.operation === "delete" ? (step.oldState?.retainOnDelete ? old : 0) : next;
    if (before === undefined || after === undefined) return [];
    now += before;
    afterwards += after;
    const both = step.operation === "replace" && !step.deleteFirst;
    most += both ? before + after : Math.max(before, after);
  }
  if (most <= Math.max(now, afterwards)) return [];
  return [
    [`At most ${count(most, "container")} of these run at once: ${now} now, ${afterwards} afterwards.`],
  ];
}

function containers(state: ResourceState | undefined): number | undefined {
  const { targetNumContainers: count } = state?.inputs ?? {};
  return typeof count === "number" ? count : undefined;
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

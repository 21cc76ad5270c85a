/** Resources and the links between them, marked with what happens to each. */
import { isRecreated } from "./causes";
import type { Operation } from "./folded-steps";
import type { Changed, LinkedTo } from "./kind";
import { byName } from "./natural";
import { nameOf } from "./preview";

export interface Node {
  /** URN, or the name of a resource outside the stack. */
  key: string;
  name: string;
  operation: Operation;
}

export interface Edge {
  /** Key of the resource that has the link. */
  from: string;
  to: string;
  /** `moves`: what it leads to is recreated, and the link with it. */
  mark: "same" | "added" | "removed" | "moves";
  /** Between the two names. Default: `is linked to`. */
  verb?: string;
}

export interface Graph {
  /** What all nodes are, where they are of one kind. Default: `resource`. */
  noun?: string;
  nodes: Node[];
  edges: Edge[];
}

/** Only what links something, sorted by name. */
export function graphOf(resources: readonly Changed[]): Graph {
  const nodes = new Map<string, Node>();
  const operations = new Map(resources.map(({ step }) => [step.urn, step.operation]));
  const node = (key: string, name: string) =>
    nodes.set(key, { key, name, operation: operations.get(key) ?? "same" });
  const recreated = new Set(resources.filter(({ step }) => isRecreated(step)).map(({ step }) => step.urn));
  const edges: Edge[] = [];
  for (const { kind, step, links } of resources) {
    const gone = step.operation === "delete" ? [] : links.after;
    // What a preview of a part of the stack leaves out stays as it is: that its links die is told as a problem.
    const follows = step.operation !== "same";
    const all = new Map<string, LinkedTo>(
      [...links.before, ...gone].map(link => [link.urn ?? link.name, link]),
    );
    for (const [to, { name }] of all) {
      const has = (targets: LinkedTo[]) => targets.some(target => (target.urn ?? target.name) === to);
      const mark = !has(gone)
        ? "removed"
        : has(links.before)
          ? recreated.has(to) && follows
            ? "moves"
            : "same"
          : "added";
      node(step.urn, step.name);
      node(to, name);
      edges.push({ from: step.urn, to, mark, verb: kind.links?.verb });
    }
  }
  const nameOfNode = (key: string) => nodes.get(key)?.name ?? nameOf(key);
  const nouns = new Set(resources.filter(({ step }) => nodes.has(step.urn)).map(({ kind }) => kind.noun));
  const [noun, ...others] = nouns;
  return {
    ...(others.length === 0 && { noun }),
    nodes: [...nodes.values()].sort((a, b) => byName(a.name, b.name) || byName(a.key, b.key)),
    edges: edges.sort(
      (a, b) => byName(nameOfNode(a.from), nameOfNode(b.from)) || byName(nameOfNode(a.to), nameOfNode(b.to)),
    ),
  };
}

/** Without what neither changes nor is linked to what changes. */
export function changedPart({ nodes, edges, ...whole }: Graph): Graph {
  const changed = new Set(nodes.filter(({ operation }) => operation !== "same").map(({ key }) => key));
  const kept = edges.filter(({ from, to }) => changed.has(from) || changed.has(to));
  const near = new Set(kept.flatMap(({ from, to }) => [from, to]));
  return { ...whole, nodes: nodes.filter(({ key }) => near.has(key)), edges: kept };
}

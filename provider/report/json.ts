/** The report as data, for other tools. `version` grows when a key changes its meaning or goes. */
import { plain } from "./phrase";
import type { PropertyChange, Shown } from "./property-change";
import { isChange, type KindsReport, type KindsStackReport, type ResourceChange } from "./report";
import { exitCode, verdict } from "./verdict";

export function json(report: KindsReport): string {
  const document = {
    version: 1,
    verdict: verdict(report.stacks),
    exitCode: exitCode(report),
    stacks: report.stacks.map(stackDocument),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function stackDocument(stack: KindsStackReport) {
  const names = new Map(stack.graph.nodes.map(({ key, name }) => [key, name]));
  return {
    project: stack.project,
    stack: stack.stack,
    verdict: verdict([stack]),
    failed: stack.failed,
    unchanged: stack.unchanged,
    part: stack.part,
    problems: stack.problems,
    ...byCollection(stack),
    others: stack.others,
    drift: stack.drift.map(({ changes, ...each }) => ({ ...each, changes: changes.map(changeDocument) })),
    order: stack.order.map(plain),
    links: stack.graph.edges
      .filter(({ mark }) => mark !== "same" || stack.graph.nodes.some(({ operation }) => isChange(operation)))
      .map(({ from, to, mark }) => ({ from: names.get(from), to: names.get(to), mark })),
  };
}

/** A list for each kind. */
function byCollection({ kinds, changes }: KindsStackReport): Record<string, object[]> {
  return Object.fromEntries(
    kinds.map(({ collection }) => [
      collection,
      changes.filter(({ kind }) => kind.collection === collection).map(resourceDocument),
    ]),
  );
}

function resourceDocument({ kind: _, meaning, changes, ...resource }: ResourceChange): object {
  return {
    ...resource,
    meaning: plain(meaning),
    changes: changes.map(({ upstream, ...change }) => ({ ...changeDocument(change), upstream })),
  };
}

function changeDocument({ path, from, to, forcesReplacement }: PropertyChange) {
  return { path, from: side(from), to: side(to), forcesReplacement };
}

/** A value is `{ value }`; what is hidden, unknown or absent says so. */
function side(shown: Shown): object {
  return shown.kind === "value" ? { value: shown.text } : { [shown.kind]: true };
}

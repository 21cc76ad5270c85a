/**
 * Within a number of characters: details go first, then the unchanged parts of the diagram, then the diagram, then
 * the last rows, at the end whole stacks. The verdict always stays, and everything opened is closed.
 */
import { type Block, type DocumentOptions, documentOf, type Extent, verdictAlone, WHOLE } from "./document";
import type { KindsReport } from "./report";

export function fitted(
  report: KindsReport,
  options: DocumentOptions,
  render: (blocks: Block[]) => string,
  maxChars: number,
): string {
  const at = (extent: Extent) => render(documentOf(report, extent, options));
  const stages: Extent[] = [
    WHOLE,
    { ...WHOLE, details: false },
    { ...WHOLE, details: false, diagram: "changed" },
    { ...WHOLE, details: false, diagram: "none" },
  ];
  for (const stage of stages) {
    const text = at(stage);
    if (text.length <= maxChars) return text;
  }
  const bare = stages.at(-1) ?? WHOLE;
  const longest = Math.max(1, ...report.stacks.map(lines));
  const rows = most(longest, n => at({ ...bare, rows: n }).length <= maxChars);
  if (rows > 0) return at({ ...bare, rows });
  const stacks = most(report.stacks.length, n => at({ ...bare, rows: 1, stacks: n }).length <= maxChars);
  return stacks > 0 ? at({ ...bare, rows: 1, stacks }) : render(verdictAlone(report, options));
}

function lines({ changes, others, problems, drift }: KindsReport["stacks"][number]): number {
  const drifted = drift.reduce((sum, { changes }) => sum + Math.max(1, changes.length), 0);
  return Math.max(changes.length, others.length, problems.length, drifted);
}

/** The largest number up to `limit` for which it holds; 0 for none. */
function most(limit: number, holds: (n: number) => boolean): number {
  let [yes, no] = [0, limit + 1];
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

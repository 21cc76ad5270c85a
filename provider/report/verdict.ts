/** The first line, the exit code, and what `--fail-on` asks. */
import { OPERATIONS, type Operation } from "./folded-steps";
import { count, list, plain } from "./phrase";
import { isChange, type KindsReport, type KindsStackReport, type ResourceChange } from "./report";

/** `0` no changes, `1` the preview failed, `2` changes, `3` something is deleted or replaced. */
export type ExitCode = 0 | 1 | 2 | 3;

/** What `--fail-on` knows, and when each is met. */
export const POLICIES: Record<string, (stack: KindsStackReport) => boolean> = {
  delete: stack => has(stack, "delete"),
  replace: stack => has(stack, "replace"),
  update: stack => has(stack, "update"),
  create: stack => has(stack, "create") || has(stack, "import"),
  downtime: ({ changes }) => changes.some(({ goesDown }) => goesDown),
  "data-loss": ({ changes }) => changes.some(({ losesData }) => losesData),
  drift: ({ drift }) => drift.length > 0,
  warning: ({ problems }) => problems.some(({ severity }) => severity === "warning"),
};

export function exitCode({ stacks }: KindsReport): ExitCode {
  if (stacks.some(({ failed }) => failed)) return 1;
  if (stacks.some(stack => has(stack, "delete") || has(stack, "replace"))) return 3;
  return stacks.some(hasChanges) ? 2 : 0;
}

/** With policies a change alone is no failure: 3 when one of them is met, 1 when the preview failed, else 0. */
export function exitCodeUnder(report: KindsReport, policies: readonly string[]): ExitCode {
  if (report.stacks.some(({ failed }) => failed)) return 1;
  return policies.some(policy => report.stacks.some(stack => POLICIES[policy]?.(stack))) ? 3 : 0;
}

export function hasChanges({ changes, others }: KindsStackReport): boolean {
  return changes.length + others.length > 0;
}

/** Worth a line of its own when others have none. */
export function isQuiet(stack: KindsStackReport): boolean {
  const { failed, part, problems, drift } = stack;
  return !hasChanges(stack) && !failed && !part && problems.length === 0 && drift.length === 0;
}

const WORDS: Partial<Record<Operation, string>> = {
  delete: "to delete",
  replace: "to replace",
  update: "to update",
  create: "to create",
  import: "to import",
};

/** `1 to replace (data lost), 2 to create, 14 unchanged`: of one stack, or of several together. */
export function verdict(stacks: readonly KindsStackReport[]): string {
  const failed = stacks.filter(stack => stack.failed).length;
  const parts = operations(stacks.flatMap(({ changes }) => changes));
  const others = stacks.flatMap(stack => stack.others.map(({ operation }) => operation));
  if (others.length > 0) parts.push(`${count(others.length, "change")} of other resources`);
  const unchanged = stacks.reduce((sum, stack) => sum + stack.unchanged, 0);
  const still = stacks.some(({ part }) => part) ? "unchanged or not looked at" : "unchanged";
  if (parts.length === 0 && failed === 0)
    return unchanged > 0 ? `no changes, ${unchanged} ${still}` : "no changes";
  if (unchanged > 0) parts.push(`${unchanged} ${still}`);
  const drifted = stacks.reduce((sum, { drift }) => sum + drift.length, 0);
  if (drifted > 0) parts.push(`${drifted} changed outside Pulumi`);
  if (failed === 0) return parts.join(", ");
  const what = stacks.length > 1 ? `${count(failed, "preview")} failed` : "the preview failed";
  return parts.length > 0 ? `${what}; as far as it got: ${parts.join(", ")}` : what;
}

/** What the program holds, for a preview of it that knows no stack: a fork's, which gets no secrets. */
export function declaration(stacks: readonly KindsStackReport[]): string {
  const failed = stacks.some(stack => stack.failed) ? "the preview failed; " : "";
  const others = stacks.flatMap(stack => stack.others).length;
  const declared = kindsIn(stacks);
  if (others > 0) declared.push(count(others, "other resource"));
  const words = plain(list(declared.map(each => [each])));
  return `${failed}what this program declares: ${words}, compared with an empty stack`;
}

/** `3 applications`, `1 DNS record`; where there is none of any kind, none of the first. */
function kindsIn(stacks: readonly KindsStackReport[]): string[] {
  const counts = new Map<string, number>();
  for (const { kinds, changes } of stacks) {
    for (const { noun } of kinds) counts.set(noun, counts.get(noun) ?? 0);
    for (const { kind } of changes) counts.set(kind.noun, (counts.get(kind.noun) ?? 0) + 1);
  }
  const found = [...counts].filter(([, n]) => n > 0);
  return (found.length > 0 ? found : [...counts].slice(0, 1)).map(([noun, n]) => count(n, noun));
}

/** `1 to replace (data lost)`, `2 to create`: dangerous ones first. */
function operations(changes: readonly ResourceChange[]): string[] {
  return OPERATIONS.filter(isChange).flatMap(operation => {
    const own = changes.filter(each => each.operation === operation);
    const losing = operation === "update" ? 0 : own.filter(({ losesData }) => losesData).length;
    const lost = losing === 0 ? "" : losing === own.length ? " (data lost)" : ` (data lost in ${losing})`;
    return own.length > 0 ? [`${own.length} ${WORDS[operation]}${lost}`] : [];
  });
}

function has({ changes, others }: KindsStackReport, operation: Operation): boolean {
  return [...changes, ...others].some(each => each.operation === operation);
}

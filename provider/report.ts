/**
 * `pulumi preview --json` in, a report for a pull request out: `pulumi-tutum/report`, for all kinds of resources that
 * there are. Pure: nothing is read, sent or asked.
 */
import { REPORTED_KINDS } from "./kinds";
import type { DataHolders } from "./report/data";
import type { Part } from "./report/part";
import type { Preview } from "./report/preview";
import { type KindsStackReport, reportOf as kindsReport, type ResourceChange } from "./report/report";
import type { Masking } from "./report/secrets";

export type { DataHolders } from "./report/data";
export type { Operation } from "./report/folded-steps";
export type { Edge, Graph, Node } from "./report/graph";
export { HOSTS, type Host, type HostName } from "./report/hosts";
export { UnreadableInput } from "./report/json-documents";
export type { KindNames } from "./report/kind";
export type { Part } from "./report/part";
export type { Phrase } from "./report/phrase";
export {
  type Diagnostic,
  failedPreview,
  type Preview,
  type ResourceState,
  type Step,
  type Values,
} from "./report/preview";
export type { PropertyChange, Shown } from "./report/property-change";
export { readPreviews } from "./report/read-previews";
export { FORMATS, type Format, idOf, type RenderOptions, render, SHORTEST_LIMIT } from "./report/render";
export type { Drift, KindsReport, KindsStackReport, OtherChange, ResourceChange } from "./report/report";
export type { Masking } from "./report/secrets";
export { type ExitCode, exitCode, exitCodeUnder, hasChanges, POLICIES, verdict } from "./report/verdict";

/** Name of a property: `containerEnvvars`. */
export type FieldName = string;

export type ApplicationChange = ResourceChange;

export interface StackReport extends KindsStackReport {
  /** Dangerous ones first. */
  applications: ApplicationChange[];
}

export interface Report {
  stacks: StackReport[];
}

/** Several stacks in the order of their names. */
export function reportOf(
  previews: readonly Preview[],
  masking: Masking = {},
  data: DataHolders = {},
  part?: Part,
): Report {
  const { stacks } = kindsReport(REPORTED_KINDS, previews, masking, data, part);
  return { stacks: stacks.map(stack => ({ ...stack, applications: applicationsIn(stack) })) };
}

function applicationsIn({ changes }: KindsStackReport): ApplicationChange[] {
  return changes.filter(({ kind }) => kind.collection === "applications");
}

/** What a preview means: the model that every format renders. Pure; the same previews give the same report. */
import { isDeepStrictEqual } from "node:util";
import { chain, dependents, movedTargets } from "./causes";
import { type DataHolders, holdsData } from "./data";
import { type FoldedStep, foldedSteps, type Operation } from "./folded-steps";
import { type Graph, graphOf } from "./graph";
import type { Changed, ChangedByUrn, KindNames, ReportedKind } from "./kind";
import { type KnownStep, linksOf, NO_LINKS } from "./links";
import { goesDown, isKept, isObvious, mayBeReplaced, meaning, shrinks } from "./meaning";
import { byName } from "./natural";
import { order } from "./order";
import type { Part } from "./part";
import { join, type Phrase, say } from "./phrase";
import { type Diagnostic, nameOf, type Preview, typeOf } from "./preview";
import type { PropertyChange } from "./property-change";
import { propertyChanges } from "./property-changes";
import { type Masking, type Redact, redactor, withoutSecretForms } from "./secrets";

/** A change of a resource of a known kind. */
export interface ResourceChange {
  name: string;
  kind: KindNames;
  urn: string;
  operation: Operation;
  meaning: Phrase;
  /** Names from the resource up to the one whose own change replaces it; only itself when it is its own. */
  cause: string[];
  changes: (PropertyChange & {
    /** Names of the resources whose replacement brings the change. */
    upstream: string[];
  })[];
  goesDown: boolean;
  /** Data in it is lost: it is deleted, replaced, or a part of it is removed. */
  losesData: boolean;
}

/** A resource of a kind that is not known: no values are shown, as nothing is known of them. */
export interface OtherChange {
  name: string;
  type: string;
  operation: Operation;
  properties: string[];
}

/** What changed outside Pulumi, as a refresh found it. */
export interface Drift {
  name: string;
  gone: boolean;
  changes: PropertyChange[];
}

/** Of the kinds that it was made with. */
export interface KindsReport {
  stacks: KindsStackReport[];
}

export interface KindsStackReport {
  project: string;
  stack: string;
  /** Where it was read from. */
  source: string;
  /** The preview ended with an error: what it shows may not be all. */
  failed: boolean;
  /** What it was limited to. Default: the whole stack. */
  part?: Part;
  problems: Diagnostic[];
  /** Of all known kinds, dangerous ones first. */
  changes: ResourceChange[];
  /** Those too of which nothing changes. */
  kinds: KindNames[];
  others: OtherChange[];
  /** Resources of any package. */
  unchanged: number;
  /** Of them those of which nothing else was told, so that nobody knows what they are linked to. */
  unseen: number;
  drift: Drift[];
  order: Phrase[];
  graph: Graph;
}

/** Several stacks in the order of their names. */
export function reportOf(
  kinds: readonly ReportedKind[],
  previews: readonly Preview[],
  masking: Masking = {},
  data: DataHolders = {},
  part?: Part,
): KindsReport {
  const stacks = previews.map(preview => ({ ...stackReport(kinds, preview, masking, data), part }));
  const name = ({ project, stack }: KindsStackReport) => `${project}/${stack}`;
  return { stacks: stacks.sort((a, b) => byName(name(a), name(b))) };
}

export function isChange(operation: Operation): boolean {
  return operation !== "same" && operation !== "read";
}

function stackReport(
  kinds: readonly ReportedKind[],
  preview: Preview,
  masking: Masking,
  data: DataHolders,
): KindsStackReport {
  const steps = foldedSteps(preview);
  const byType = new Map(kinds.map(kind => [kind.type, kind]));
  const known = steps.flatMap((step): KnownStep[] => {
    const kind = byType.get(step.type);
    return kind ? [{ kind, step }] : [];
  });
  const linked = linksOf(known);
  const resources = known.map(({ kind, step }): Changed => {
    const links = linked.get(step.urn) ?? NO_LINKS;
    const changes = propertyChanges(kind, step, links, masking);
    return { kind, step, links, changes, holdsData: holdsData(step, kind, data) };
  });
  const all: ChangedByUrn = new Map(resources.map(each => [each.step.urn, each]));
  const changed = resources.filter(({ step }) => isChange(step.operation) || step.leftover);
  changed.sort((a, b) => byDanger(a, b, all));
  const graph = graphOf(resources);
  const followers = dependents(all);
  return redacted(
    {
      project: preview.project,
      stack: preview.stack,
      source: preview.source,
      failed: preview.failed,
      problems: [...problems(preview), ...deadLinks(resources, all)],
      changes: changed.map(each => resourceChange(each, all, followers.get(each.step.urn))),
      kinds: kinds.map(namesOf),
      others: others(steps, kinds),
      unchanged: unchanged(preview, steps),
      unseen: unseen(preview, steps),
      drift: known.flatMap(each => drift(each, masking)).sort((a, b) => byName(a.name, b.name)),
      order: order(changed, graph),
      graph,
    },
    redactor(preview.steps, masking),
  );
}

function namesOf({ type, noun, collection }: ReportedKind): KindNames {
  return { type, noun, collection };
}

function resourceChange(changed: Changed, all: ChangedByUrn, followers?: string[]): ResourceChange {
  const { kind, step } = changed;
  const upstream = movedTargets(changed, all).map(({ name }) => name);
  const lost = step.operation === "delete" || step.operation === "replace";
  return {
    name: step.name,
    kind: namesOf(kind),
    urn: step.urn,
    operation: step.operation,
    meaning: meaning(changed, all, followers),
    cause: chain(changed, all).map(each => each.step.name),
    changes: changed.changes
      .filter(change => !isObvious(change, changed))
      .map(change => ({ ...change, upstream: change.field === kind.links?.property ? upstream : [] })),
    goesDown: goesDown(changed),
    losesData: changed.holdsData && ((lost && !step.leftover && !isKept(changed)) || shrinks(changed)),
  };
}

/** What cannot be undone, then what interrupts, then the rest; causes before what follows from them; then by name. */
function byDanger(a: Changed, b: Changed, all: ChangedByUrn): number {
  const depth = (changed: Changed) => chain(changed, all).length;
  return (
    danger(a) - danger(b) ||
    depth(a) - depth(b) ||
    byName(a.step.name, b.step.name) ||
    byName(a.step.urn, b.step.urn)
  );
}

function danger(changed: Changed): number {
  const { operation } = changed.step;
  if (operation === "delete") return 0;
  if (operation === "replace") return goesDown(changed) ? 1 : 2;
  if (mayBeReplaced(changed)) return 3;
  if (goesDown(changed) || shrinks(changed)) return 4;
  return operation === "update" ? 5 : 6;
}

/** The engine's own bookkeeping is nobody's resource. */
function others(steps: readonly FoldedStep[], kinds: readonly ReportedKind[]): OtherChange[] {
  // Shown as themselves, or only what holds such together.
  const known = new Set(kinds.flatMap(({ type, components = [] }) => [type, ...components]));
  return steps
    .filter(({ type, operation }) => !isInternal(type) && !known.has(type) && isChange(operation))
    .map(({ name, type, operation, diffReasons, replaceReasons }) => ({
      ...{ name, type, operation },
      properties: [...new Set([...replaceReasons, ...diffReasons])]
        .filter(each => each !== "__provider")
        .sort(),
    }))
    .sort((a, b) => byName(`${a.type} ${a.name}`, `${b.type} ${b.name}`));
}

function isInternal(type: string): boolean {
  return type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:");
}

/** The digest leaves unchanged resources out and only counts them, the stack itself among them. */
function unchanged({ counts }: Preview, steps: readonly FoldedStep[]): number {
  const root = steps.some(({ type, operation }) => type === "pulumi:pulumi:Stack" && operation === "same");
  return Math.max(0, (counts.same ?? 0) - (root ? 1 : 0));
}

/** The digest only counts them. */
function unseen(preview: Preview, steps: readonly FoldedStep[]): number {
  const told = steps.filter(({ type, operation }) => operation === "same" && type !== "pulumi:pulumi:Stack");
  return Math.max(0, unchanged(preview, steps) - told.length);
}

/** What stays as it is, and is linked to what goes: only a preview of a part of the stack shows such a thing. */
function deadLinks(resources: readonly Changed[], all: ChangedByUrn): Diagnostic[] {
  return resources.flatMap(({ step, links }) => {
    if (step.operation !== "same" || step.newState === undefined) return [];
    const gone = links.after
      .filter(({ urn }) => ["replace", "delete"].includes(all.get(urn ?? "")?.step.operation ?? ""))
      .map(({ name }) => name);
    if (gone.length === 0) return [];
    const message =
      `stays linked to ${gone.sort(byName).join(", ")}, of which the present one is deleted: this preview is of a part of ` +
      "the stack (--target, --exclude). Its links are dead until an `up` of the whole.";
    return [{ severity: "warning" as const, message, urn: step.urn }];
  });
}

const GENERIC = /^(preview|update) failed$/;

/** Errors first; equal ones once; without "preview failed" where something says why. */
function problems({ diagnostics }: Preview): Diagnostic[] {
  const why = diagnostics.some(({ severity, message }) => severity === "error" && !GENERIC.test(message));
  const told = new Set<string>();
  const core = (message: string) => message.replace(/^\w*Error: /, "").replace(/[:\s]+$/, "");
  // What fails in a resource, the provider host prints once more, without saying of what.
  const isEcho = ({ urn, message }: Diagnostic) =>
    !isResource(urn) &&
    diagnostics.some(other => isResource(other.urn) && core(other.message).includes(core(message)));
  return [...diagnostics]
    .sort(
      (a, b) =>
        Number(a.severity === "warning") - Number(b.severity === "warning") ||
        byName(a.urn ?? "", b.urn ?? "") ||
        byName(a.message, b.message),
    )
    .filter(diagnostic => {
      const { severity, message, urn } = diagnostic;
      const key = `${severity} ${urn} ${message}`;
      const repeated = told.has(key) || isEcho(diagnostic);
      told.add(key);
      return !repeated && !(why && GENERIC.test(message));
    });
}

function isResource(urn: string | undefined): boolean {
  return urn !== undefined && typeOf(urn) !== "pulumi:pulumi:Stack";
}

function drift({ kind, step }: KnownStep, masking: Masking): Drift[] {
  if (!step.refreshed) return [];
  const { before, after } = step.refreshed;
  if (!after) return [{ name: step.name, gone: true, changes: [] }];
  if (isDeepStrictEqual(before?.inputs, after.inputs)) return [];
  const found: FoldedStep = {
    ...step,
    operation: "update",
    oldState: before,
    newState: after,
    diffReasons: [],
  };
  const links = linksOf([{ kind, step: found }]).get(step.urn) ?? NO_LINKS;
  const changes = propertyChanges(kind, found, links, masking);
  return changes.length > 0 ? [{ name: step.name, gone: false, changes }] : [];
}

/** Hidden texts out of every value and message. Names are the program's own words and stay. */
function redacted(report: KindsStackReport, redact: Redact): KindsStackReport {
  const phrase = (given: Phrase): Phrase =>
    given.map(part => (typeof part === "string" ? part : { code: redact(part.code) }));
  const change = <T extends PropertyChange>(given: T): T => ({
    ...given,
    from: given.from.kind === "value" ? { ...given.from, text: redact(given.from.text) } : given.from,
    to: given.to.kind === "value" ? { ...given.to, text: redact(given.to.text) } : given.to,
  });
  return {
    ...report,
    problems: report.problems.map(problem => ({
      ...problem,
      message: withoutSecretForms(redact(problem.message)),
    })),
    changes: report.changes.map(each => ({
      ...each,
      meaning: phrase(each.meaning),
      changes: each.changes.map(change),
    })),
    drift: report.drift.map(each => ({ ...each, changes: each.changes.map(change) })),
    order: report.order.map(phrase),
  };
}

/** Of whom a problem speaks: `web: …`. */
export function subject({ urn, policy }: Diagnostic): Phrase {
  const name = urn ? nameOf(urn) : "";
  const parts = [policy ? say`policy ${policy}` : [], name === "" ? [] : say`${name}`].filter(
    part => part.length > 0,
  );
  return join(parts, ", ");
}

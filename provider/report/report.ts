/** What a preview means: the model that every format renders. Pure; the same previews give the same report. */
import { isDeepStrictEqual } from "node:util";
import { type Changed, type ChangedByUrn, chain, dependents, movedTargets } from "./causes";
import { type DataHolders, holdsData } from "./data";
import { type FoldedStep, foldedSteps, type Operation } from "./folded-steps";
import { type Graph, graphOf } from "./graph";
import { APPLICATION_TYPE, LINKS, linksOf } from "./links";
import { containersRemoved, goesDown, isObvious, mayBeReplaced, meaning } from "./meaning";
import { byName } from "./natural";
import { order } from "./order";
import type { Part } from "./part";
import { join, type Phrase, say } from "./phrase";
import { type Diagnostic, nameOf, type Preview, typeOf } from "./preview";
import { type PropertyChange, propertyChanges } from "./property-changes";
import { type Blot, blotter, type Masking, withoutSecretForms } from "./secrets";

export interface ApplicationChange {
  name: string;
  urn: string;
  operation: Operation;
  meaning: Phrase;
  /** Names from the application up to the one whose own change replaces it; only itself when it is its own. */
  cause: string[];
  changes: (PropertyChange & {
    /** Names of the applications whose replacement brings the change. */
    upstream: string[];
  })[];
  goesDown: boolean;
  /** Data in containers is lost: it is deleted, replaced, or scaled down. */
  losesData: boolean;
}

/** A resource of another package: no values are shown, as nothing is known of them. */
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

export interface StackReport {
  project: string;
  stack: string;
  /** Where it was read from. */
  source: string;
  /** The preview ended with an error: what it shows may not be all. */
  failed: boolean;
  /** What it was limited to. Default: the whole stack. */
  part?: Part;
  problems: Diagnostic[];
  /** Dangerous ones first. */
  applications: ApplicationChange[];
  others: OtherChange[];
  /** Resources of any package. */
  unchanged: number;
  /** Of them those of which nothing else was told, so that nobody knows what they are linked to. */
  unseen: number;
  drift: Drift[];
  order: Phrase[];
  graph: Graph;
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
  const stacks = previews.map(preview => ({ ...stackReport(preview, masking, data), part }));
  const name = ({ project, stack }: StackReport) => `${project}/${stack}`;
  return { stacks: stacks.sort((a, b) => byName(name(a), name(b))) };
}

export function isChange(operation: Operation): boolean {
  return operation !== "same" && operation !== "read";
}

function stackReport(preview: Preview, masking: Masking, data: DataHolders): StackReport {
  const steps = foldedSteps(preview);
  const own = steps.filter(({ type }) => type === APPLICATION_TYPE);
  const links = linksOf(own);
  const applications = own.map((step): Changed => {
    const linked = links.get(step.urn) ?? { before: [], after: [] };
    const changes = propertyChanges(step, linked, masking);
    return { step, links: linked, changes, holdsData: holdsData(step, data) };
  });
  const all: ChangedByUrn = new Map(applications.map(each => [each.step.urn, each]));
  const changed = applications.filter(({ step }) => isChange(step.operation) || step.leftover);
  changed.sort((a, b) => byDanger(a, b, all));
  const graph = graphOf(applications);
  const followers = dependents(all);
  return blotted(
    {
      project: preview.project,
      stack: preview.stack,
      source: preview.source,
      failed: preview.failed,
      problems: [...problems(preview), ...deadLinks(applications, all)],
      applications: changed.map(each => applicationChange(each, all, followers.get(each.step.urn))),
      others: others(steps),
      unchanged: unchanged(preview, steps),
      unseen: unseen(preview, steps),
      drift: own.flatMap(step => drift(step, masking)).sort((a, b) => byName(a.name, b.name)),
      order: order(changed, graph),
      graph,
    },
    blotter(preview.steps, masking),
  );
}

function applicationChange(changed: Changed, all: ChangedByUrn, followers?: string[]): ApplicationChange {
  const { step } = changed;
  const upstream = movedTargets(changed, all).map(({ name }) => name);
  const lost = step.operation === "delete" || step.operation === "replace";
  return {
    name: step.name,
    urn: step.urn,
    operation: step.operation,
    meaning: meaning(changed, all, followers),
    cause: chain(changed, all).map(each => each.step.name),
    changes: changed.changes
      .filter(change => !isObvious(change, changed))
      .map(change => ({ ...change, upstream: change.field === LINKS ? upstream : [] })),
    goesDown: goesDown(changed),
    losesData:
      changed.holdsData &&
      ((lost && !step.leftover && step.oldState?.retainOnDelete !== true) || containersRemoved(changed) > 0),
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
  if (goesDown(changed) || containersRemoved(changed) > 0) return 4;
  return operation === "update" ? 5 : 6;
}

/** The engine's own bookkeeping is nobody's resource. */
function others(steps: readonly FoldedStep[]): OtherChange[] {
  return steps
    .filter(({ type, operation }) => !isInternal(type) && !OURS.has(type) && isChange(operation))
    .map(({ name, type, operation, diffReasons, replaceReasons }) => ({
      ...{ name, type, operation },
      properties: [...new Set([...replaceReasons, ...diffReasons])]
        .filter(each => each !== "__provider")
        .sort(),
    }))
    .sort((a, b) => byName(`${a.type} ${a.name}`, `${b.type} ${b.name}`));
}

/** Told as applications, or only what holds them together. */
const OURS = new Set([APPLICATION_TYPE, "tutum:index:ApplicationStack"]);

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
function deadLinks(applications: readonly Changed[], all: ChangedByUrn): Diagnostic[] {
  return applications.flatMap(({ step, links }) => {
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

function drift(step: FoldedStep, masking: Masking): Drift[] {
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
  const links = linksOf([found]).get(step.urn) ?? { before: [], after: [] };
  const changes = propertyChanges(found, links, masking);
  return changes.length > 0 ? [{ name: step.name, gone: false, changes }] : [];
}

/** Hidden texts out of every value and message. Names are the program's own words and stay. */
function blotted(report: StackReport, blot: Blot): StackReport {
  const phrase = (given: Phrase): Phrase =>
    given.map(part => (typeof part === "string" ? part : { code: blot(part.code) }));
  const change = <T extends PropertyChange>(given: T): T => ({
    ...given,
    from: given.from.kind === "value" ? { ...given.from, text: blot(given.from.text) } : given.from,
    to: given.to.kind === "value" ? { ...given.to, text: blot(given.to.text) } : given.to,
  });
  return {
    ...report,
    problems: report.problems.map(problem => ({
      ...problem,
      message: withoutSecretForms(blot(problem.message)),
    })),
    applications: report.applications.map(application => ({
      ...application,
      meaning: phrase(application.meaning),
      changes: application.changes.map(change),
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

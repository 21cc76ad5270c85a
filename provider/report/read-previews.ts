/** Reads what `pulumi preview --json` prints: the digest, or the engine's events (`--event-log`, streaming JSON). */

import { stripVTControlCharacters } from "node:util";
import * as v from "valibot";
import { isRecord } from "../http/json";
import { jsonDocuments, UnreadableInput } from "./json-documents";
import type { Diagnostic, Preview, Step } from "./preview";

const values = v.record(v.string(), v.unknown());
const strings = v.nullish(v.array(v.string()), []);

const state = v.looseObject({
  id: v.optional(v.string()),
  parent: v.optional(v.string()),
  inputs: v.optional(values),
  outputs: v.optional(values),
  propertyDependencies: v.optional(v.record(v.string(), v.nullish(v.array(v.string()), []))),
  retainOnDelete: v.optional(v.boolean()),
  protect: v.optional(v.boolean()),
  pendingReplacement: v.optional(v.boolean()),
});
const counts = v.nullish(v.record(v.string(), v.number()), {});
const detailedDiff = v.nullish(values, {});

const digestDiagnostic = v.looseObject({
  severity: v.nullish(v.string(), "info"),
  message: v.nullish(v.string(), ""),
  urn: v.optional(v.string()),
});
const digest = v.looseObject({
  steps: v.nullish(
    v.array(
      v.looseObject({
        op: v.string(),
        urn: v.string(),
        oldState: v.nullish(state),
        newState: v.nullish(state),
        diffReasons: strings,
        replaceReasons: strings,
        detailedDiff,
      }),
    ),
    [],
  ),
  diagnostics: v.nullish(v.array(digestDiagnostic), []),
  changeSummary: counts,
  maybeCorrupt: v.optional(v.boolean()),
});

const stepEvent = v.looseObject({
  metadata: v.looseObject({
    op: v.string(),
    urn: v.string(),
    old: v.nullish(state),
    new: v.nullish(state),
    keys: strings,
    diffs: strings,
    detailedDiff,
  }),
});
const event = v.looseObject({
  preludeEvent: v.optional(v.unknown()),
  resourcePreEvent: v.optional(stepEvent),
  resOutputsEvent: v.optional(stepEvent),
  diagnosticEvent: v.optional(v.looseObject({ ...digestDiagnostic.entries, prefix: v.optional(v.string()) })),
  policyEvent: v.optional(
    v.looseObject({
      resourceUrn: v.optional(v.string()),
      message: v.nullish(v.string(), ""),
      policyName: v.nullish(v.string(), "policy"),
      enforcementLevel: v.nullish(v.string(), "advisory"),
    }),
  ),
  errorEvent: v.optional(v.looseObject({ error: v.nullish(v.string(), "") })),
  summaryEvent: v.optional(v.looseObject({ resourceChanges: counts, result: v.optional(v.string()) })),
});
type Event = v.InferOutput<typeof event>;

/** The previews in a text, in order. Throws `UnreadableInput` for any text that holds none. */
export function readPreviews(text: string, source: string): Preview[] {
  const previews: Preview[] = [];
  let events: Event[] = [];
  const finish = () => {
    if (events.length > 0) previews.push(fromEvents(events, source));
    events = [];
  };
  const add = (given: Event) => {
    if (given.preludeEvent !== undefined) finish();
    events.push(given);
  };
  for (const document of jsonDocuments(text, source)) {
    if (isRecord(document) && "events" in document) {
      finish();
      for (const each of checked(v.array(event), document.events, source)) add(each);
      finish();
    } else if (isRecord(document) && Object.keys(document).some(isEventName)) {
      add(checked(event, document, source));
    } else if (
      isRecord(document) &&
      ("steps" in document || "changeSummary" in document || "diagnostics" in document)
    ) {
      finish();
      previews.push(fromDigest(checked(digest, document, source), source));
    } else {
      throw new UnreadableInput(
        `${source} holds JSON that is neither what \`pulumi preview --json\` prints nor an event of the engine.`,
      );
    }
  }
  finish();
  if (previews.length === 0)
    throw new UnreadableInput(`${source} is empty. Give what \`pulumi preview --json\` printed.`);
  return previews;
}

function fromDigest(given: v.InferOutput<typeof digest>, source: string): Preview {
  const diagnostics = given.diagnostics.flatMap(diagnostic);
  const steps = given.steps.map(
    ({ op, urn, oldState, newState, diffReasons, replaceReasons, detailedDiff }) => ({
      ...{
        op,
        urn,
        oldState: oldState ?? undefined,
        newState: newState ?? undefined,
        diffReasons,
        replaceReasons,
      },
      changedPaths: Object.keys(detailedDiff ?? {}),
    }),
  );
  const failed = given.maybeCorrupt === true || diagnostics.some(({ severity }) => severity === "error");
  return {
    source,
    ...stackOf(steps, diagnostics, source),
    steps,
    diagnostics,
    counts: given.changeSummary,
    failed,
  };
}

function fromEvents(events: Event[], source: string): Preview {
  const steps: Step[] = [];
  const diagnostics: Diagnostic[] = [];
  let summary: Event["summaryEvent"];
  for (const given of events) {
    const { resourcePreEvent: begun, resOutputsEvent: done, policyEvent: policy, errorEvent: error } = given;
    // A refresh tells what it found only when it is done; everything else says all before.
    const step =
      done?.metadata.op === "refresh" ? done : begun?.metadata.op === "refresh" ? undefined : begun;
    if (step) steps.push(stepOf(step.metadata));
    if (given.diagnosticEvent) diagnostics.push(...diagnostic(given.diagnosticEvent));
    if (error) diagnostics.push({ severity: "error", message: error.error });
    if (policy) {
      const severity = policy.enforcementLevel === "mandatory" ? "error" : "warning";
      diagnostics.push({
        severity,
        message: policy.message,
        urn: policy.resourceUrn,
        policy: policy.policyName,
      });
    }
    summary = given.summaryEvent ?? summary;
  }
  const failed =
    summary?.result === "failed" || !summary || diagnostics.some(({ severity }) => severity === "error");
  if (!summary)
    diagnostics.push({
      severity: "error",
      message: "The events end before the preview did: it was interrupted.",
    });
  const counts = summary?.resourceChanges ?? {};
  return { source, ...stackOf(steps, diagnostics, source), steps, diagnostics, counts, failed };
}

function stepOf(metadata: v.InferOutput<typeof stepEvent>["metadata"]): Step {
  const { op, urn, old, keys, diffs, detailedDiff } = metadata;
  return {
    op,
    urn,
    oldState: old ?? undefined,
    newState: metadata.new ?? undefined,
    diffReasons: diffs ?? [],
    replaceReasons: keys ?? [],
    changedPaths: Object.keys(detailedDiff ?? {}),
  };
}

/** Notes for people and for Pulumi's developers stay out: only what needs attention is of use in a report. */
function diagnostic({ severity, message, urn }: v.InferOutput<typeof digestDiagnostic>): Diagnostic[] {
  if (severity !== "error" && severity !== "warning") return [];
  const words = stripVTControlCharacters(message ?? "")
    .replace(/^(error|warning): /, "")
    .replace(REFUSED_VALUE, "")
    .replace(STACK_TRACE, "")
    .trim();
  return words === "" ? [] : [{ severity, message: words, urn: urn || undefined }];
}

/** What the engine puts before a provider's words: the resource, and of other packages the value, whatever is in it. */
const REFUSED_VALUE = /^\S+ resource '.*?'(?:: property \S+ value \{.*\})? has a problem: /s;

/** Lines of where in the code an exception was thrown: for the log, not for a comment. */
const STACK_TRACE = /^\s+at .*$\n?/gm;

/** Every URN begins `urn:pulumi:<stack>::<project>::`. */
function stackOf(
  steps: Step[],
  diagnostics: Diagnostic[],
  source: string,
): { project: string; stack: string } {
  const urns = [...steps, ...diagnostics].map(({ urn }) => urn);
  for (const urn of urns) {
    const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn ?? "") ?? [];
    if (stack && project) return { project, stack };
  }
  return { project: "", stack: source };
}

function isEventName(name: string): boolean {
  return /^[a-z]\w*Event$/.test(name);
}

function checked<T extends v.GenericSchema>(schema: T, value: unknown, source: string): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? "the document";
  throw new UnreadableInput(`${source} is not what Pulumi prints: ${where} should be ${issue.expected}.`);
}

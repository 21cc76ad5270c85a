/**
 * Creating a resource exactly once, as a pure state machine: each step says what to do, each event what came of it. A
 * request whose answer was lost may have created the resource, may still be on its way, or may never have arrived: it is
 * looked for until its absence is certain enough, and only then sent once more.
 */
import { type ApiError, isApiError } from "../../http/api-error";
import type { Clock } from "../../http/clock";

export type Step<R> =
  /** Look for what a run that was killed has made, before anything is sent. */
  | { do: "look" }
  | { do: "post"; attempt: 1 | 2 }
  /** Look for what a doubtful POST may have made, after a pause. */
  | { do: "search"; attempt: 1 | 2; absent: number; since: number; pause: number; doubt: unknown }
  /** After a second POST: did the first one arrive after all? */
  | { do: "compare"; mine: R }
  /** `surplus`: one too many each, and proved to be ours. */
  | { do: "adopt"; resource: R; surplus: R[] }
  | { do: "keep"; resource: R; surplus: R[] }
  | { do: "fail"; error: unknown }
  /** Somebody must decide: these carry our marker, and may be another state's. */
  | { do: "stop"; strangers: R[] };

export type Event<R> =
  /** Proved to be ours; and what is of our marker without that proof. */
  | { found: R[]; strangers?: R[] }
  | { created: R }
  /** Certainly not created. */
  | { refused: unknown }
  /** Perhaps created. */
  | { doubt: unknown }
  /** The question itself was not answered: neither presence nor absence. */
  | { unanswered: unknown };

/** How often, and over how long, absence must be seen before a POST is repeated: the first may still arrive. */
export const CERTAINTY = { looks: 3, ms: 60_000 };
/** How long a server that does not answer is asked, in milliseconds. */
const PATIENCE = 600_000;

const ENDS = new Set(["adopt", "keep", "fail", "stop"]);

export function firstStep<R>(stable: boolean): Step<R> {
  return stable ? { do: "look" } : { do: "post", attempt: 1 };
}

/** The step after this one. `now` is in milliseconds that never go back. */
export function nextStep<R>(
  step: Step<R>,
  event: Event<R>,
  now: number,
  idOf: (resource: R) => string,
): Step<R> {
  if (ENDS.has(step.do)) return step;
  if ("refused" in event) return refused(step, event.refused);
  if ("unanswered" in event) return unanswered(step, event.unanswered, now);
  switch (step.do) {
    case "look":
      return "found" in event ? settle(event.found, afterLook(event.strangers ?? [])) : step;
    case "post":
      if ("created" in event)
        return step.attempt === 1
          ? { do: "keep", resource: event.created, surplus: [] }
          : { do: "compare", mine: event.created };
      return "doubt" in event
        ? { do: "search", attempt: step.attempt, absent: 0, since: now, pause: 1000, doubt: event.doubt }
        : step;
    case "search":
      return "found" in event ? settle(event.found, afterAbsence(step, now)) : step;
    case "compare":
      return "found" in event ? compare(step.mine, event.found, idOf) : step;
    default:
      return step;
  }
}

function settle<R>([resource, ...surplus]: R[], otherwise: Step<R>): Step<R> {
  return resource ? { do: "adopt", resource, surplus } : otherwise;
}

function afterLook<R>(strangers: R[]): Step<R> {
  return strangers.length > 0 ? { do: "stop", strangers } : { do: "post", attempt: 1 };
}

function afterAbsence<R>(step: Step<R> & { do: "search" }, now: number): Step<R> {
  const absent = step.absent + 1;
  const certain = absent >= CERTAINTY.looks && now - step.since >= CERTAINTY.ms;
  if (!certain) return { ...step, absent, pause: longer(step.pause) };
  return step.attempt === 1 ? { do: "post", attempt: 2 } : { do: "fail", error: step.doubt };
}

/** Once something may have been created, that is what counts, not why nobody could look. */
function refused<R>(step: Step<R>, error: unknown): Step<R> {
  if (step.do === "compare") return { do: "keep", resource: step.mine, surplus: [] };
  return { do: "fail", error: step.do === "search" ? step.doubt : error };
}

function unanswered<R>(step: Step<R>, error: unknown, now: number): Step<R> {
  if (step.do === "compare") return { do: "keep", resource: step.mine, surplus: [] };
  if (step.do !== "search") return { do: "fail", error };
  return now - step.since < PATIENCE
    ? { ...step, pause: longer(step.pause) }
    : { do: "fail", error: step.doubt };
}

function longer(pause: number): number {
  return Math.min(pause * 2, 15_000);
}

/** Two of ours: the first POST arrived late, and what it made is the older one. */
function compare<R>(mine: R, found: R[], idOf: (resource: R) => string): Step<R> {
  const [older, ...others] = found.filter(one => idOf(one) !== idOf(mine));
  return older
    ? { do: "keep", resource: older, surplus: [mine, ...others] }
    : { do: "keep", resource: mine, surplus: [] };
}

/** How a kind of resource is created and recognised. */
export interface Creation<R> {
  idOf(resource: R): string;
  /** Whether it can be recognised in a later run: then that is looked for first. */
  isRecognised: boolean;
  /** What earlier runs left. */
  look(): Promise<{ found: R[]; strangers: R[] }>;
  /** Called before the first request is sent. */
  begin(): void;
  send(): Promise<R>;
  /** The response may be about something else, when a cache or a proxy mixes responses up: the error that it then is. */
  doubtAbout(created: R): unknown;
  /** What this very creation has made. */
  made(): Promise<R[]>;
  /** Called when the server refused, and certainly nothing was created. */
  refused(): void;
}

/** How a creation ended. */
export type Outcome<R> = Extract<Step<R>, { do: "adopt" | "keep" | "fail" | "stop" }>;

/** Runs the machine: every request of a creation is sent from here. */
export async function createOnce<R>(
  creation: Creation<R>,
  operation: { clock: Clock; signal: AbortSignal },
): Promise<Outcome<R>> {
  for (let step: Step<R> = firstStep(creation.isRecognised); ; ) {
    if (isOutcome(step)) return step;
    const event = await perform(step, creation, operation);
    step = nextStep(step, event, operation.clock.now(), resource => creation.idOf(resource));
  }
}

function isOutcome<R>(step: Step<R>): step is Outcome<R> {
  return ENDS.has(step.do);
}

async function perform<R>(
  step: Exclude<Step<R>, Outcome<R>>,
  creation: Creation<R>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Event<R>> {
  try {
    if (step.do !== "compare") signal.throwIfAborted();
    if (step.do === "look") return await creation.look();
    if (step.do === "post") {
      if (step.attempt === 1) creation.begin();
      // The response is waited for also after a Ctrl-C: with it the resource is in the state.
      const created = await creation.send();
      const doubt = creation.doubtAbout(created);
      return doubt === undefined ? { created } : { doubt };
    }
    if (step.do === "search") await clock.sleep(step.pause, signal);
    return { found: await creation.made() };
  } catch (error) {
    if (step.do !== "post")
      return isApiError(error) && error.retryable ? { unanswered: error } : { refused: error };
    if (isDoubtful(error)) return { doubt: error };
    // Of a second request the first one may still have been heard.
    if (step.attempt === 1) creation.refused();
    return { refused: error };
  }
}

/** Whether the request may have been carried out although it failed. */
export function isDoubtful(error: unknown): error is ApiError {
  return isApiError(error) && error.ambiguous;
}

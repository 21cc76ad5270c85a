/**
 * Creating an application exactly once, as a pure state machine: each step says what to do, each event what came of
 * it. A POST whose answer was lost may have created the application, may still be on its way, or may never have
 * arrived: it is looked for until its absence is certain enough, and only then sent once more.
 */

/** An application that carries our marker. */
export interface Found {
  uuid: string;
}

export type Step<A extends Found> =
  /** Look for an application of a run that was killed, before anything is sent. */
  | { do: "look" }
  | { do: "post"; attempt: 1 | 2 }
  /** Look for what a doubtful POST may have made, after a pause. */
  | { do: "search"; attempt: 1 | 2; absent: number; since: number; pause: number; doubt: unknown }
  /** After a second POST: did the first one arrive after all? */
  | { do: "compare"; mine: A }
  /** `surplus`: one too many each, and proved to be ours. */
  | { do: "adopt"; application: A; surplus: A[] }
  | { do: "keep"; application: A; surplus: A[] }
  | { do: "fail"; error: unknown }
  /** Somebody must decide: these carry our marker, and may be another state's. */
  | { do: "stop"; strangers: A[] };

export type Event<A extends Found> =
  /** Proved to be ours; and what is of our marker without that proof. */
  | { found: A[]; strangers?: A[] }
  | { created: A }
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

export function firstStep<A extends Found>(stable: boolean): Step<A> {
  return stable ? { do: "look" } : { do: "post", attempt: 1 };
}

/** The step after this one. `now` is in milliseconds that never go back. */
export function nextStep<A extends Found>(step: Step<A>, event: Event<A>, now: number): Step<A> {
  if (ENDS.has(step.do)) return step;
  if ("refused" in event) return refused(step, event.refused);
  if ("unanswered" in event) return unanswered(step, event.unanswered, now);
  switch (step.do) {
    case "look":
      return "found" in event ? settle(event.found, afterLook(event.strangers ?? [])) : step;
    case "post":
      if ("created" in event)
        return step.attempt === 1
          ? { do: "keep", application: event.created, surplus: [] }
          : { do: "compare", mine: event.created };
      return "doubt" in event
        ? { do: "search", attempt: step.attempt, absent: 0, since: now, pause: 1000, doubt: event.doubt }
        : step;
    case "search":
      return "found" in event ? settle(event.found, afterAbsence(step, now)) : step;
    case "compare":
      return "found" in event ? compare(step.mine, event.found) : step;
    default:
      return step;
  }
}

function settle<A extends Found>([application, ...surplus]: A[], otherwise: Step<A>): Step<A> {
  return application ? { do: "adopt", application, surplus } : otherwise;
}

function afterLook<A extends Found>(strangers: A[]): Step<A> {
  return strangers.length > 0 ? { do: "stop", strangers } : { do: "post", attempt: 1 };
}

function afterAbsence<A extends Found>(step: Step<A> & { do: "search" }, now: number): Step<A> {
  const absent = step.absent + 1;
  const certain = absent >= CERTAINTY.looks && now - step.since >= CERTAINTY.ms;
  if (!certain) return { ...step, absent, pause: longer(step.pause) };
  return step.attempt === 1 ? { do: "post", attempt: 2 } : { do: "fail", error: step.doubt };
}

/** Once something may have been created, that is what counts, not why nobody could look. */
function refused<A extends Found>(step: Step<A>, error: unknown): Step<A> {
  if (step.do === "compare") return { do: "keep", application: step.mine, surplus: [] };
  return { do: "fail", error: step.do === "search" ? step.doubt : error };
}

function unanswered<A extends Found>(step: Step<A>, error: unknown, now: number): Step<A> {
  if (step.do === "compare") return { do: "keep", application: step.mine, surplus: [] };
  if (step.do !== "search") return { do: "fail", error };
  return now - step.since < PATIENCE
    ? { ...step, pause: longer(step.pause) }
    : { do: "fail", error: step.doubt };
}

function longer(pause: number): number {
  return Math.min(pause * 2, 15_000);
}

/** Two of ours: the first POST arrived late, and what it made is the older one. */
function compare<A extends Found>(mine: A, found: A[]): Step<A> {
  const [older, ...others] = found.filter(({ uuid }) => uuid !== mine.uuid);
  return older
    ? { do: "keep", application: older, surplus: [mine, ...others] }
    : { do: "keep", application: mine, surplus: [] };
}

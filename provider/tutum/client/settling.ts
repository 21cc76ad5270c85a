import { noneIfMissing } from "../../http/api-error";
import type { Clock } from "../../http/clock";
import { Poller } from "../../resource/lifecycle/poller";
import type { Applications } from "./applications";
import { isGone } from "./states";
import type { Application, ApplicationSummary } from "./types";

/** States an application stays in until someone acts. Every other label, known or not, is waited on. */
const SETTLED = new Set([
  "Running",
  "Partly running",
  "Stopped",
  "Start failed",
  "Stopped with errors",
  "Not running",
  "Terminated",
]);

/** How long a wait may take when nothing else is said, in milliseconds. */
const DEFAULT_DEADLINE = 600_000;

export interface WaitOptions {
  /** Milliseconds after which the wait is given up, with a last look. Default: 600,000. */
  deadline?: number;
  signal?: AbortSignal;
  /** Called with the application whenever its state or its counts have changed. */
  onProgress?(application: Application): void;
}

/** The application did not settle in time. `last` is how it was seen last. */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";

  constructor(
    readonly last: Application,
    deadline: number,
    trouble?: string,
  ) {
    super(
      `Application ${last.unique_name} is still ${last.state} (${last.running_num_containers} of ` +
        `${last.target_num_containers} containers running) after ${Math.round(deadline / 100) / 10} s.` +
        (trouble ? ` Since then: ${trouble}` : ""),
    );
  }
}

export function isSettled(application: { state: string }): boolean {
  return SETTLED.has(application.state);
}

/** The application settled, but in none of the states that were waited for. `last` is how it was seen. */
export class UnexpectedStateError extends Error {
  override readonly name = "UnexpectedStateError";

  constructor(
    readonly last: Application,
    states: readonly string[],
  ) {
    super(
      `Application ${last.unique_name} (${last.uuid}) is ${last.state} with ${last.running_num_containers} of ` +
        `${last.target_num_containers} containers running, expected ${states.join(" or ")}.`,
    );
  }
}

/** Waits for the applications of one account, all together. */
export class SettlingPoller {
  readonly #poller: Poller<Application>;

  constructor(applications: Applications, clock: Clock) {
    this.#poller = new Poller<Application>(
      {
        idOf: ({ uuid }) => uuid,
        isSettled,
        isLeaving: ({ state }) => isGone(state),
        shown: ({ state, running_num_containers: running, target_num_containers: target }) =>
          `${state} ${running}/${target}`,
        pending: unsettled => unsettledIn(applications, new Set(unsettled.map(({ state }) => state))),
        get: (uuid, options) => applications.get(uuid, options).catch(noneIfMissing),
        late: (last, deadline, trouble) => new WaitTimeoutError(last, deadline, trouble),
      },
      clock,
    );
  }

  /**
   * Resolves with the application once it is seen in a settled state, or in one that `isDone` accepts; undefined when
   * it is gone (404). Rejects with `WaitTimeoutError`, the signal's reason, or the API's error when that is no passing one.
   */
  wait(
    application: Application,
    options: WaitOptions = {},
    isDone: (application: Application) => boolean = isSettled,
  ): Promise<Application | undefined> {
    return this.#poller.wait(application, { deadline: DEFAULT_DEADLINE, ...options, isDone });
  }
}

async function unsettledIn(
  applications: Applications,
  states: ReadonlySet<string>,
): Promise<Map<string, ApplicationSummary>> {
  const unsettled = new Map<string, ApplicationSummary>();
  for (const state of states) {
    for await (const application of applications.list({ state })) {
      if (!isSettled(application)) unsettled.set(application.uuid, application);
    }
  }
  return unsettled;
}

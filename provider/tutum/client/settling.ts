import { type Clock, systemClock } from "../../http/clock";
import type { Applications } from "./applications";
import { isTutumApiError, noneIfMissing } from "./errors";
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

/** First pause between two looks in ms. */
const FIRST_PAUSE = 250;
const DEFAULT_DEADLINE = 600_000;
/** Final looks under way at once. */
const CONCURRENT_GETS = 8;

/**
 * As often as the newest waiter needs: what starts at once is seen at once, later a look a second, and after minutes
 * one in five: the delay stays small beside the wait.
 */
function pauseAfter(waited: number): number {
  return Math.max(Math.min(1_000, FIRST_PAUSE + 0.2 * waited), Math.min(5_000, 0.02 * waited));
}

/** How often in a row an application may be missing before it counts as gone: a new one may not show at once. */
const MISSES = 3;

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
  ) {
    super(
      `Application ${last.unique_name} is still ${last.state} (${last.running_num_containers} of ` +
        `${last.target_num_containers} containers running) after ${Math.round(deadline / 1000)} s.`,
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

interface Waiter extends WaitOptions {
  last: Application;
  deadline: number;
  since: number;
  until: number;
  misses: number;
  resolve(application: Application | undefined): void;
  reject(error: unknown): void;
}

/**
 * Waits for many applications of one account at the price of one: each look asks, by list calls, which applications
 * are still in the states that are waited on, and gets those that are not among them any more.
 */
export class SettlingPoller {
  readonly #waiters = new Set<Waiter>();
  #looking = false;
  /** When the next round begins. */
  #due = Number.POSITIVE_INFINITY;
  #wake = new AbortController();

  constructor(
    private readonly applications: Applications,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * Resolves with the application once it is in a settled state, or undefined when it is gone (404).
   * Rejects with `WaitTimeoutError`, the signal's reason, or the API's error when that is not a passing one.
   */
  settled(application: Application, options: WaitOptions = {}): Promise<Application | undefined> {
    if (isSettled(application)) return Promise.resolve(application);
    return new Promise((resolve, reject) => {
      const since = this.clock.now();
      const { deadline = DEFAULT_DEADLINE } = options;
      const until = since + deadline;
      this.#waiters.add({
        ...options,
        last: application,
        deadline,
        since,
        until,
        misses: 0,
        resolve,
        reject,
      });
      options.signal?.addEventListener("abort", () => this.#wake.abort(), { once: true });
      // A newcomer is looked at soon, however long the others have been waiting.
      this.#due = Math.min(this.#due, since + FIRST_PAUSE);
      if (this.#looking) this.#wake.abort();
      else void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiters.size > 0) {
      await this.#sleep();
      this.#dropAborted();
      if (this.clock.now() < this.#due) continue;
      try {
        await this.#round([...this.#waiters]);
        this.#dropLate();
      } catch (error) {
        const passing = isTutumApiError(error) && error.retryable;
        if (!passing) for (const waiter of this.#waiters) this.#end(waiter, () => waiter.reject(error));
        this.#dropLate();
      }
      this.#due = this.clock.now() + this.#pause();
    }
    this.#looking = false;
    this.#due = Number.POSITIVE_INFINITY;
  }

  /** Until the next round is due, or somebody came or left. */
  async #sleep(): Promise<void> {
    this.#wake = new AbortController();
    const ms = Math.max(0, this.#due - this.clock.now());
    await this.clock.sleep(ms, this.#wake.signal).catch(() => undefined);
  }

  #pause(): number {
    const now = this.clock.now();
    const waiters = [...this.#waiters];
    const youngest = Math.min(...waiters.map(waiter => now - waiter.since));
    const untilNextDeadline = Math.min(...waiters.map(waiter => waiter.until - now));
    return Math.max(0, Math.min(pauseAfter(youngest), untilNextDeadline));
  }

  async #round(waiters: Waiter[]): Promise<void> {
    const unsettled = new Map<string, ApplicationSummary>();
    for (const state of new Set(waiters.map(waiter => waiter.last.state))) {
      for await (const application of this.applications.list({ state })) {
        if (!isSettled(application)) unsettled.set(application.uuid, application);
      }
    }
    const rest = waiters.filter(waiter => {
      const seen = unsettled.get(waiter.last.uuid);
      if (seen) this.#saw(waiter, { ...waiter.last, ...seen });
      return !seen;
    });
    const worker = async () => {
      for (let waiter = rest.pop(); waiter; waiter = rest.pop()) await this.#final(waiter);
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_GETS, rest.length) }, worker));
  }

  async #final(waiter: Waiter): Promise<void> {
    const application = await this.applications.get(waiter.last.uuid).catch(noneIfMissing);
    if (application) {
      waiter.misses = 0;
      this.#saw(waiter, application);
      if (isSettled(application)) this.#end(waiter, () => waiter.resolve(application));
    } else if (waiter.last.state === "Terminating" || ++waiter.misses === MISSES) {
      this.#end(waiter, () => waiter.resolve(undefined));
    }
  }

  #saw(waiter: Waiter, application: Application): void {
    const shown = ({ state, running_num_containers: running, target_num_containers: target }: Application) =>
      `${state} ${running}/${target}`;
    const news = shown(application) !== shown(waiter.last);
    waiter.last = application;
    if (news) waiter.onProgress?.(application);
  }

  #dropAborted(): void {
    for (const waiter of this.#waiters) {
      if (waiter.signal?.aborted) this.#end(waiter, () => waiter.reject(waiter.signal?.reason));
    }
  }

  /** Called after a round, so that the deadline itself is a last look. */
  #dropLate(): void {
    for (const waiter of this.#waiters) {
      if (this.clock.now() < waiter.until) continue;
      this.#end(waiter, () => waiter.reject(new WaitTimeoutError(waiter.last, waiter.deadline)));
    }
  }

  #end(waiter: Waiter, how: () => void): void {
    if (this.#waiters.delete(waiter)) how();
  }
}

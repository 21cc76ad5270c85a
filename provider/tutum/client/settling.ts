import { noneIfMissing } from "../../http/api-error";
import { type Clock, withDeadline } from "../../http/clock";
import type { Applications } from "./applications";
import { isTutumApiError } from "./errors";
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
const FIRST_PAUSE = 100;
/** How long a wait may take when nothing else is said, in milliseconds. */
export const DEFAULT_DEADLINE = 600_000;
/** How long the look at the deadline may take, in milliseconds. */
const LAST_LOOK = 5_000;
/** Final looks under way at once. */
const CONCURRENT_GETS = 8;

/**
 * As often as the newest waiter needs: what starts at once is seen at once, later there is a look each 0.7 s, so that
 * half of what starts is seen within 0.4 s, and after minutes one in five: the delay stays small beside the wait.
 */
function pauseAfter(waited: number): number {
  return Math.max(Math.min(700, FIRST_PAUSE + 0.25 * waited), Math.min(5_000, 0.02 * waited));
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

interface Waiter {
  last: Application;
  since: number;
  misses: number;
  /** Why the last look told nothing, if so. */
  trouble?: string;
  isDone(application: Application): boolean;
  onProgress?(application: Application): void;
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
    private readonly clock: Clock,
  ) {}

  /**
   * Resolves with the application once it is seen in a settled state, or in one that `isDone` accepts; undefined when
   * it is gone (404). What the caller has of it may be old: nothing is answered from that. Rejects with `WaitTimeoutError`, the signal's reason, or the API's error when that is no passing one.
   */
  async wait(
    application: Application,
    options: WaitOptions = {},
    isDone: (application: Application) => boolean = isSettled,
  ): Promise<Application | undefined> {
    const { deadline = DEFAULT_DEADLINE, signal, onProgress } = options;
    const ended = new AbortController();
    const abort = () => ended.abort();
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort, { once: true });
    let waiter: Waiter | undefined;
    try {
      const seen = new Promise<Application | undefined>((resolve, reject) => {
        waiter = {
          last: application,
          since: this.clock.now(),
          misses: 0,
          isDone,
          onProgress,
          resolve,
          reject,
        };
        this.#add(waiter);
      });
      const late = this.clock.sleep(deadline, ended.signal).then(() => LATE);
      const first = await Promise.race([seen, late]);
      if (first !== LATE) return first as Application | undefined;
      return await this.#lastLook(waiter as unknown as Waiter, deadline);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      if (waiter) this.#waiters.delete(waiter);
      if (this.#waiters.size === 0) this.#wake.abort();
      signal?.removeEventListener("abort", abort);
      ended.abort();
    }
  }

  #add(waiter: Waiter): void {
    this.#waiters.add(waiter);
    // A newcomer is looked at soon, however long the others have been waiting; at once when it seems settled already.
    const pause = isSettled(waiter.last) ? 0 : FIRST_PAUSE;
    this.#due = Math.min(this.#due, waiter.since + pause);
    if (this.#looking) this.#wake.abort();
    else void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiters.size > 0) {
      await this.#sleep();
      if (this.clock.now() < this.#due) continue;
      this.#due = Number.POSITIVE_INFINITY;
      await this.#round([...this.#waiters]);
      this.#due = Math.min(this.#due, this.clock.now() + this.#pause());
    }
    this.#looking = false;
    this.#due = Number.POSITIVE_INFINITY;
  }

  /** Until the next round is due, or somebody came. */
  async #sleep(): Promise<void> {
    this.#wake = new AbortController();
    const ms = Math.max(0, this.#due - this.clock.now());
    await this.clock.sleep(ms, this.#wake.signal).catch(() => undefined);
  }

  #pause(): number {
    const now = this.clock.now();
    return pauseAfter(Math.min(...[...this.#waiters].map(waiter => now - waiter.since)));
  }

  async #round(waiters: Waiter[]): Promise<void> {
    const pending = waiters.map(waiter => waiter.last.state).filter(state => !SETTLED.has(state));
    const unsettled = new Map<string, ApplicationSummary>();
    try {
      for (const state of new Set(pending)) {
        for await (const application of this.applications.list({ state })) {
          if (!isSettled(application)) unsettled.set(application.uuid, application);
        }
      }
    } catch (error) {
      for (const waiter of waiters) this.#failed(waiter, error);
      return;
    }
    const rest = waiters.filter(waiter => {
      const seen = unsettled.get(waiter.last.uuid);
      if (seen) this.#saw(waiter, { ...waiter.last, ...seen });
      return !seen;
    });
    const worker = async () => {
      for (let waiter = rest.pop(); waiter; waiter = rest.pop()) await this.#get(waiter);
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_GETS, rest.length) }, worker));
  }

  async #get(waiter: Waiter): Promise<void> {
    try {
      const application = await this.applications.get(waiter.last.uuid).catch(noneIfMissing);
      if (application) this.#saw(waiter, application);
      else if (waiter.last.state.startsWith("Terminat") || ++waiter.misses === MISSES)
        waiter.resolve(undefined);
    } catch (error) {
      this.#failed(waiter, error);
    }
  }

  #saw(waiter: Waiter, application: Application): void {
    const news = shown(application) !== shown(waiter.last);
    waiter.last = application;
    waiter.misses = 0;
    waiter.trouble = undefined;
    if (news) waiter.onProgress?.(application);
    if (waiter.isDone(application)) waiter.resolve(application);
  }

  /** What may pass is waited out; a refusal ends this wait, not those of others. */
  #failed(waiter: Waiter, error: unknown): void {
    if (isTutumApiError(error) && error.retryable) waiter.trouble = error.message;
    else waiter.reject(error);
  }

  async #lastLook(waiter: Waiter, deadline: number): Promise<Application> {
    const application = await withDeadline(this.clock, LAST_LOOK, signal =>
      this.applications.get(waiter.last.uuid, { signal }),
    ).catch(() => undefined);
    if (application && waiter.isDone(application)) return application;
    throw new WaitTimeoutError(
      application ?? waiter.last,
      deadline,
      application ? undefined : waiter.trouble,
    );
  }
}

const LATE = Symbol("late");

function shown({
  state,
  running_num_containers: running,
  target_num_containers: target,
}: Application): string {
  return `${state} ${running}/${target}`;
}

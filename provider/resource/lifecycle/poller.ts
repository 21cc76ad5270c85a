/** Waits for many resources of one account at the price of one: one poller for all of them. */
import { isApiError } from "../../http/api-error";
import { type Clock, withDeadline } from "../../http/clock";

/** How a kind of resource is looked at. */
export interface Watched<R extends object> {
  idOf(resource: R): string;
  /** Whether it stays as it is until someone acts. Every other state, known or not, is waited on. */
  isSettled(resource: R): boolean;
  /** Of one that is on its way out, missing once is proof enough; a new one may not show at once. */
  isLeaving(resource: R): boolean;
  /** What a change of makes news. */
  shown(resource: R): string;
  /** By list calls: those that are as unsettled as these are, by id, as the list shows them. The others are got one by one. */
  pending(resources: readonly R[]): Promise<ReadonlyMap<string, Partial<R>>>;
  /** Undefined when it is not there. */
  get(id: string, options?: { signal?: AbortSignal }): Promise<R | undefined>;
  /** What a wait that is given up ends with. `trouble` is why the last look told nothing, if so. */
  late(last: R, deadline: number, trouble: string | undefined): Error;
}

export interface Wait<R> {
  /** Milliseconds after which the wait is given up, with a last look. */
  deadline: number;
  signal?: AbortSignal;
  /** Called with the resource whenever what is `shown` of it has changed. */
  onProgress?(resource: R): void;
  /** Which states end it. Default: those in which the resource is settled. */
  isDone?(resource: R): boolean;
}

/** First pause between two looks in ms. */
const FIRST_PAUSE = 100;
/** How long the look at the deadline may take, in milliseconds. */
const LAST_LOOK = 5_000;
/** Final looks under way at once. */
const CONCURRENT_GETS = 8;
/** How often in a row a resource may be missing before it counts as gone. */
const MISSES = 3;

/**
 * As often as the newest waiter needs: what starts at once is seen at once, later there is a look each 0.7 s, so that
 * half of what starts is seen within 0.4 s, and after minutes one in five: the delay stays small beside the wait.
 */
function pauseAfter(waited: number): number {
  return Math.max(Math.min(700, FIRST_PAUSE + 0.25 * waited), Math.min(5_000, 0.02 * waited));
}

interface Waiter<R> {
  last: R;
  since: number;
  misses: number;
  /** Why the last look told nothing, if so. */
  trouble?: string;
  isDone(resource: R): boolean;
  onProgress?(resource: R): void;
  resolve(resource: R | undefined): void;
  reject(error: unknown): void;
}

/**
 * Each look asks, by list calls, which resources are still in the states that are waited on, and gets those that are
 * not among them any more.
 */
export class Poller<R extends object> {
  readonly #waiters = new Set<Waiter<R>>();
  readonly #watched: Watched<R>;
  readonly #clock: Clock;
  #looking = false;
  /** When the next round begins. */
  #due = Number.POSITIVE_INFINITY;
  #wake = new AbortController();

  constructor(watched: Watched<R>, clock: Clock) {
    this.#watched = watched;
    this.#clock = clock;
  }

  /**
   * Resolves with the resource once it is seen in a state that ends the wait; undefined when it is gone. What the caller
   * has of it may be old: nothing is answered from that. Rejects with `late`, the signal's reason, or the API's error
   * when that is no passing one.
   */
  async wait(resource: R, wait: Wait<R>): Promise<R | undefined> {
    const { deadline, signal, onProgress, isDone = seen => this.#watched.isSettled(seen) } = wait;
    const ended = new AbortController();
    const abort = () => ended.abort();
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort, { once: true });
    const { promise: seen, ...settle } = deferred<R | undefined>();
    const since = this.#clock.now();
    const waiter: Waiter<R> = { last: resource, since, misses: 0, isDone, onProgress, ...settle };
    try {
      this.#add(waiter);
      const late = this.#clock.sleep(deadline, ended.signal).then(() => undefined);
      const first = await Promise.race([seen.then(resource => ({ resource })), late]);
      return first ? first.resource : await this.#lastLook(waiter, deadline);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      this.#waiters.delete(waiter);
      if (this.#waiters.size === 0) this.#wake.abort();
      signal?.removeEventListener("abort", abort);
      ended.abort();
    }
  }

  #add(waiter: Waiter<R>): void {
    this.#waiters.add(waiter);
    // A newcomer is looked at soon, however long the others have been waiting; at once when it seems settled already.
    const pause = this.#watched.isSettled(waiter.last) ? 0 : FIRST_PAUSE;
    this.#due = Math.min(this.#due, waiter.since + pause);
    if (this.#looking) this.#wake.abort();
    else void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiters.size > 0) {
      await this.#sleep();
      if (this.#clock.now() < this.#due) continue;
      this.#due = Number.POSITIVE_INFINITY;
      await this.#round([...this.#waiters]);
      this.#due = Math.min(this.#due, this.#clock.now() + this.#pause());
    }
    this.#looking = false;
    this.#due = Number.POSITIVE_INFINITY;
  }

  /** Until the next round is due, or somebody came. */
  async #sleep(): Promise<void> {
    this.#wake = new AbortController();
    const ms = Math.max(0, this.#due - this.#clock.now());
    await this.#clock.sleep(ms, this.#wake.signal).catch(() => undefined);
  }

  #pause(): number {
    const now = this.#clock.now();
    return pauseAfter(Math.min(...[...this.#waiters].map(waiter => now - waiter.since)));
  }

  async #round(waiters: Waiter<R>[]): Promise<void> {
    let pending: ReadonlyMap<string, Partial<R>>;
    try {
      const unsettled = waiters.map(({ last }) => last).filter(last => !this.#watched.isSettled(last));
      pending = await this.#watched.pending(unsettled);
    } catch (error) {
      for (const waiter of waiters) this.#failed(waiter, error);
      return;
    }
    const left = waiters.filter(waiter => {
      const seen = pending.get(this.#watched.idOf(waiter.last));
      if (seen) this.#saw(waiter, { ...waiter.last, ...seen });
      return !seen;
    });
    const worker = async () => {
      for (let waiter = left.pop(); waiter; waiter = left.pop()) await this.#get(waiter);
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_GETS, left.length) }, worker));
  }

  async #get(waiter: Waiter<R>): Promise<void> {
    try {
      const resource = await this.#watched.get(this.#watched.idOf(waiter.last));
      if (resource) this.#saw(waiter, resource);
      else if (this.#watched.isLeaving(waiter.last) || ++waiter.misses === MISSES) waiter.resolve(undefined);
    } catch (error) {
      this.#failed(waiter, error);
    }
  }

  #saw(waiter: Waiter<R>, resource: R): void {
    const news = this.#watched.shown(resource) !== this.#watched.shown(waiter.last);
    waiter.last = resource;
    waiter.misses = 0;
    waiter.trouble = undefined;
    if (news) waiter.onProgress?.(resource);
    if (waiter.isDone(resource)) waiter.resolve(resource);
  }

  /** What may pass is waited out; a refusal ends this wait, not those of others. */
  #failed(waiter: Waiter<R>, error: unknown): void {
    if (isApiError(error) && error.retryable) waiter.trouble = error.message;
    else waiter.reject(error);
  }

  async #lastLook(waiter: Waiter<R>, deadline: number): Promise<R> {
    const resource = await withDeadline(this.#clock, LAST_LOOK, signal =>
      this.#watched.get(this.#watched.idOf(waiter.last), { signal }),
    ).catch(() => undefined);
    if (resource && waiter.isDone(resource)) return resource;
    const trouble = resource ? undefined : waiter.trouble;
    throw this.#watched.late(resource ?? waiter.last, deadline, trouble);
  }
}

/** A promise that is settled from outside. */
function deferred<T>() {
  let settle: { resolve(value: T): void; reject(error: unknown): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error("a promise calls its executor at once");
  return { promise, ...settle };
}

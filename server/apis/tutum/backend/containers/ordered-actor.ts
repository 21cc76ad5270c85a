/**
 * Carries out orders: one at a time, and the last one wins. What is under way for an older order learns that it is
 * outdated, and the newest begins when that has ended. No one waits for an order: what comes of it, its failure too,
 * is reported by events. Without an order, being woken is a reason to look.
 */
import type { Clock } from "../../../../host/ports/clock";

/** Two orders of one kind are two orders. */
export interface Order<Kind> {
  readonly kind: Kind;
  /** Aborted as soon as there is another order, or it is dropped. */
  readonly outdated: AbortSignal;
}

/**
 * - `wait`: it stays to be done when the actor is woken; at once, if it was woken while it failed.
 * - `retryMs`: it is tried again after this time; nothing but another order comes before that.
 * - `give up`: the order is dropped.
 */
export type AfterFailure = "wait" | "give up" | { retryMs: number };

export interface Behaviour<Kind> {
  /** Whether anything can be done now; when it can again, the actor is to be woken. */
  canAct(): boolean;
  /** May end in any way once the order is outdated. */
  carryOut(order: Order<Kind>): Promise<void>;
  /** Looks what is true; there is no order. */
  observe(): Promise<void>;
  /** Of an order, or of a look. Not asked about what is outdated: its failure no longer matters. */
  failed(error: unknown, order: Order<Kind> | undefined): AfterFailure;
}

export class OrderedActor<Kind> {
  private current: Order<Kind> | undefined;
  /** Of the current order. */
  private controller = new AbortController();
  private working = false;
  private worked: Promise<void> = Promise.resolve();
  /** Woken while it was working. */
  private again = false;
  private cancelRetry: (() => void) | undefined;
  private next: { happened: Promise<void>; resolve: () => void } | undefined;

  constructor(
    private readonly behaviour: Behaviour<Kind>,
    private readonly clock: Pick<Clock, "setTimeout">,
  ) {}

  get order(): Order<Kind> | undefined {
    return this.current;
  }

  /** Something is under way. */
  get isWorking(): boolean {
    return this.working;
  }

  do(kind: Kind): void {
    this.replace(kind);
    this.wake();
  }

  /** Goes on with its order, or looks. */
  wake(): void {
    if (this.cancelRetry) return;
    if (this.working) this.again = true;
    else this.worked = this.work();
  }

  /** Drops its order; resolves when nothing is under way any more. */
  async abandon(): Promise<void> {
    this.replace(undefined);
    await this.worked;
  }

  /** What failed need not wait for its next try: it is done when the actor is woken. */
  endPause(): void {
    this.cancelRetry?.();
    this.cancelRetry = undefined;
  }

  /** Resolves when something happens: another order, or what `stir` tells of. */
  happened(): Promise<void> {
    if (!this.next) {
      let resolve = () => {};
      const happened = new Promise<void>(resolved => {
        resolve = resolved;
      });
      this.next = { happened, resolve };
    }
    return this.next.happened;
  }

  /** Lets those look again who wait for something to happen. */
  stir(): void {
    this.next?.resolve();
    this.next = undefined;
  }

  private replace(kind: Kind | undefined): void {
    const before = this.controller;
    this.controller = new AbortController();
    this.current = kind === undefined ? undefined : { kind, outdated: this.controller.signal };
    this.endPause();
    before.abort();
    this.stir();
  }

  private async work(): Promise<void> {
    this.working = true;
    try {
      do {
        this.again = false;
        if (this.behaviour.canAct()) await this.step(this.current);
      } while (this.again);
    } finally {
      this.working = false;
    }
  }

  private async step(order: Order<Kind> | undefined): Promise<void> {
    let after: AfterFailure | "done" = "done";
    try {
      if (order) await this.behaviour.carryOut(order);
      else await this.behaviour.observe();
    } catch (error) {
      if (this.current === order) after = this.behaviour.failed(error, order);
    }
    if (this.current !== order) this.again = true;
    else if (after === "done" || after === "give up") this.current = undefined;
    else if (after !== "wait") {
      this.again = false;
      this.pause(after.retryMs);
    }
  }

  private pause(ms: number): void {
    this.cancelRetry = this.clock.setTimeout(() => {
      this.cancelRetry = undefined;
      this.wake();
    }, ms);
  }
}

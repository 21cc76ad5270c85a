/** How often, and after what time, something is tried again with an engine that is in trouble. */
import type { Clock } from "../../../../host/ports/clock";
import type { Meaning } from "./engine-error";

/** In all some two minutes, and three seconds. */
const TRIES: Partial<Record<Meaning, number>> = { trouble: 12, failure: 3 };
const PAUSE_MS = { first: 400, last: 15_000 };

export class Patience {
  private tries = 0;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly again: () => void,
  ) {}

  /** Nothing is to be tried meanwhile. */
  get isResting(): boolean {
    return this.cancel !== undefined;
  }

  /** True: it will be tried again. */
  lasts(meaning: Meaning): boolean {
    if (this.tries >= (TRIES[meaning] ?? 0)) return false;
    const pause = Math.min(PAUSE_MS.first * 2 ** this.tries, PAUSE_MS.last);
    this.tries++;
    this.cancel?.();
    this.cancel = this.clock.setTimeout(() => {
      this.cancel = undefined;
      this.again();
    }, pause);
    return true;
  }

  /** It went well, the engine is back, or there is something else to do. */
  renew(): void {
    this.tries = 0;
    this.cancel?.();
    this.cancel = undefined;
  }
}

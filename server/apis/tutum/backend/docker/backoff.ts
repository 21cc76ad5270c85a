/** How often, and after what pause, something is tried again that failed. */
import type { Meaning } from "./engine-error";

export interface BackoffTimes {
  /** Tries in all, until it goes well, for each meaning of a failure; none: it is not tried again. */
  tries: Partial<Record<Meaning, number>>;
  /** The pause doubles from the first to the last, in ms. */
  pause: { first: number; last: number };
}

export class Backoff {
  private tries = 0;

  constructor(private readonly times: BackoffTimes) {}

  /** Milliseconds until the next try; undefined: there is none. */
  next(meaning: Meaning): number | undefined {
    const { tries, pause } = this.times;
    if (this.tries >= (tries[meaning] ?? 0)) return undefined;
    return Math.min(pause.first * 2 ** this.tries++, pause.last);
  }

  /** It went well, the engine is back, or there is something else to do. */
  reset(): void {
    this.tries = 0;
  }
}

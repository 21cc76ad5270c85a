import type { Clock } from "../../http/clock";

/** By how many seconds the server's clock is ahead. */
export type Comparison = Promise<number>;

/**
 * The time as the server has it, in seconds. The server is asked when the time is first needed, and once however many
 * need it; what could not be asked is asked again by the next who needs it.
 */
export class ServerClock {
  readonly #clock: Clock;
  readonly #ask: () => Promise<number>;
  #comparison: Comparison | undefined;

  /** `ask` resolves to the server's time in seconds. */
  constructor(clock: Clock, ask: () => Promise<number>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** The time, and what it is known by. */
  async now(): Promise<{ time: number; by: Comparison }> {
    const by = this.#comparison ?? this.#compare();
    const ahead = await by;
    return { time: this.#seconds() + ahead, by };
  }

  /** For a time that was wrong: compares anew, unless somebody did since. */
  async correct(by: Comparison | undefined): Promise<void> {
    const current = this.#comparison;
    await (current === undefined || current === by ? this.#compare() : current);
  }

  #compare(): Comparison {
    // The clock is read after the answer: before it, the way there would be taken for a difference.
    const comparison = this.#ask().then(time => time - this.#seconds());
    this.#comparison = comparison;
    comparison.catch(() => {
      if (this.#comparison === comparison) this.#comparison = undefined;
    });
    return comparison;
  }

  #seconds(): number {
    return Math.floor(this.#clock.wall() / 1000);
  }
}

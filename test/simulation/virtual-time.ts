/**
 * Time for everything in a simulation: it stands still while anything is left to do, then jumps to whatever is waited
 * for next. Client and server see it through their own ports, each of which can die with its process.
 */
import type { Clock as ProviderClock } from "../../provider/http/clock";
import type { Clock as ServerClock } from "../../server/host/ports/clock";
import type { Life } from "./life";

/** When the simulated world begins, in milliseconds since 1970. */
const BEGINNING = Date.UTC(2014, 3, 6, 17, 59, 42);
/** Longer than anything here may take: whoever waits on has been forgotten. */
const FOR_EVER = 7 * 24 * 3_600_000;

export class VirtualTime {
  #now = 0;
  #serial = 0;
  /** Works that need turns of the event loop, and no time. */
  #busy = 0;
  readonly #timers: { at: number; serial: number; task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** Runs `task` after `ms`; the function returned cancels it. */
  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), serial: this.#serial++, task };
    // Latest first: what is due next is taken from the end.
    const index = this.#timers.findIndex(other => !isLater(other, timer));
    this.#timers.splice(index < 0 ? this.#timers.length : index, 0, timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.after(ms, resolve);
    });
  }

  /** Time stands still while this is done, however many turns of the event loop it needs. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work;
    } finally {
      this.#busy--;
    }
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    for (;;) {
      // Everything that needs no time happens before the next turn of the event loop.
      await new Promise(setImmediate);
      if (done) return work;
      if (this.#busy > 0) continue;
      const next = this.#timers.pop();
      if (!next || next.at > FOR_EVER) throw new Error("nothing will ever end this wait");
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
  }

  /** As a provider process sees it: nothing wakes it when it is dead. */
  forProvider(process: Life): ProviderClock {
    return {
      now: () => this.#now,
      wall: () => BEGINNING + this.#now,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const abort = () => {
            cancel();
            reject(signal?.reason);
          };
          const cancel = this.after(ms, () => {
            signal?.removeEventListener("abort", abort);
            if (!process.isOver) resolve();
          });
          signal?.addEventListener("abort", abort, { once: true });
        }),
    };
  }

  /** As a server process sees it. */
  forServer(process: Life): ServerClock {
    return {
      now: () => BEGINNING + this.#now,
      steady: () => BEGINNING + this.#now,
      setTimeout: (task, ms) =>
        this.after(ms, () => {
          if (!process.isOver) task();
        }),
    };
  }
}

function isLater(one: { at: number; serial: number }, other: { at: number; serial: number }): boolean {
  return one.at > other.at || (one.at === other.at && one.serial > other.serial);
}

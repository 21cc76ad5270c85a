import type { Clock } from "../../provider/http/clock";

/** A clock whose sleepers wake in order of time as soon as nothing else is left to do. */
export class VirtualClock implements Clock {
  #now = 0;
  #sleepers: { at: number; wake: () => void }[] = [];
  now = () => this.#now;
  wall = () => Date.UTC(2014, 3, 6, 17, 59, 42) + this.#now;

  sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter(other => other !== sleeper);
        reject(signal.reason);
      });
    });

  async run<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    promise.then(
      () => (done = true),
      () => (done = true),
    );
    for (;;) {
      await new Promise(setImmediate);
      if (done) return promise;
      const next = this.#sleepers.sort((a, b) => a.at - b.at).shift();
      if (next) {
        this.#now = next.at;
        next.wake();
      }
    }
  }
}

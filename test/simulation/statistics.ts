/** What many simulations met, and what it took. */
import { FAULTS, REQUESTS } from "./schedule";
import type { Outcome } from "./simulate";

export class Statistics {
  runs = 0;
  readonly #met = new Map<string, number>();
  readonly #ups = new Map<number, number>();
  #requests = 0;

  add({ met, ups, requests }: Outcome): void {
    this.runs++;
    this.#requests += requests;
    this.#ups.set(ups, (this.#ups.get(ups) ?? 0) + 1);
    for (const [key, count] of met) this.#met.set(key, (this.#met.get(key) ?? 0) + count);
  }

  progress(of: number, ms: number): string {
    return `${this.runs} of ${of} schedules, ${this.#requests} requests, ${Math.round(ms / 1000)} s`;
  }

  table(): string {
    const others = [...this.#met.keys()].map(key => key.split("\t")[0] ?? "");
    const faults = [
      ...new Set([...FAULTS, ...others.filter(fault => !(FAULTS as readonly string[]).includes(fault))]),
    ];
    const width = Math.max(...faults.map(fault => fault.length)) + 2;
    const columns = REQUESTS.map(kind => Math.max(kind.length, 6) + 2);
    const row = (name: string, cells: (string | number)[]) =>
      name.padEnd(width) + cells.map((cell, n) => String(cell).padStart(columns[n] ?? 8)).join("");
    const ups = [...this.#ups].sort(([a], [b]) => a - b).map(([n, count]) => `${count} after ${n}`);
    return [
      row("fault met at", [...REQUESTS]),
      ...faults.map(fault =>
        row(
          fault,
          REQUESTS.map(kind => this.#met.get(`${fault}\t${kind}`) ?? 0),
        ),
      ),
      "",
      `${this.runs} schedules, ${this.#requests} requests (${Math.round(this.#requests / this.runs)} each); ` +
        `converged, in ups: ${ups.join(", ")}`,
    ].join("\n");
  }
}

/** What removed containers wrote, for as long as they are shown themselves. */
import type { Clock } from "../../../../host/ports/clock";

const KEPT_MS = 5 * 60_000;
/** Characters of one container: the last ones. */
const MAX_LENGTH = 256 * 1024;
/** Containers; of more, the oldest are forgotten early. */
const MAX_COUNT = 500;

export class KeptLogs {
  /** Oldest first. */
  private readonly logs = new Map<string, { text: string; until: number }>();

  constructor(private readonly clock: Clock) {}

  keep(id: string, text: string): void {
    this.forgetOld();
    this.logs.delete(id);
    this.logs.set(id, { text: text.slice(-MAX_LENGTH), until: this.clock.steady() + KEPT_MS });
    for (const oldest of this.logs.keys()) {
      if (this.logs.size <= MAX_COUNT) break;
      this.logs.delete(oldest);
    }
  }

  get(id: string): string {
    this.forgetOld();
    return this.logs.get(id)?.text ?? "";
  }

  forget(id: string): void {
    this.logs.delete(id);
  }

  clear(): void {
    this.logs.clear();
  }

  private forgetOld(): void {
    for (const [id, { until }] of this.logs) {
      if (until > this.clock.steady()) break;
      this.logs.delete(id);
    }
  }
}

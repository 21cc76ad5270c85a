/**
 * Who uses the server right now: one open answer per user. The kernel closes it when the user's process dies, however
 * it dies, so no lease outlives its holder.
 */
import type { ServerResponse } from "node:http";

export class Leases {
  private readonly held = new Map<string, ServerResponse>();
  private issued = 0;
  /** Once true, no further lease is given. */
  ended = false;

  /** `onUnused` is called once, when the last lease ends; without it leases mean nothing. */
  constructor(private readonly onUnused?: () => void) {}

  get count(): number {
    return this.held.size;
  }

  open(answer: ServerResponse): string {
    const id = String(++this.issued);
    this.held.set(id, answer);
    answer.on("close", () => this.release(id));
    return id;
  }

  /** True when the server ends with it. */
  close(id: string): boolean {
    this.held.get(id)?.end();
    this.release(id);
    return this.ended;
  }

  closeAll(): void {
    this.ended = true;
    for (const answer of this.held.values()) answer.end();
  }

  /** Ends the server if nobody came to use it. */
  endIfUnused(): void {
    if (this.held.size > 0 || this.ended || !this.onUnused) return;
    this.ended = true;
    this.onUnused();
  }

  private release(id: string): void {
    if (this.held.delete(id)) this.endIfUnused();
  }
}

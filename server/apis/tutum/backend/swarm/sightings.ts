/** What the looks at a Swarm found of one container. */
import type { Clock } from "../../../../host/ports/clock";
import type { Run } from "./node-restarts";
import type { SwarmService, SwarmTask } from "./swarm";

/** At one look. */
export interface Seen {
  service: SwarmService | undefined;
  /** Newest first, without those that never had a node. */
  tasks: readonly SwarmTask[];
  /** The newest, wherever it is to go. */
  newest: SwarmTask | undefined;
  /** Its node does not answer. */
  isNodeDown: boolean;
}

export class Sightings {
  private seen: Seen | undefined;
  /** When that look began. */
  private seenAt = 0;
  /** What was seen before is of no use: it was changed meanwhile. */
  private changedAt = 0;
  /** The task that was last seen to run, and the first and the last look that found it so. */
  private ran: { task?: string; first: number; last: number } = { first: 0, last: 0 };

  constructor(private readonly clock: Clock) {}

  /** Undefined: nothing since the last change. */
  get last(): Seen | undefined {
    return this.seen;
  }

  /** Of a look that began at `time`; false: that was too early. */
  add(seen: Seen, time: number): boolean {
    if (time <= this.changedAt) return false;
    this.seen = seen;
    this.seenAt = time;
    return true;
  }

  /** Looks that began before now are of no use. */
  outdate(): void {
    this.changedAt = this.clock.steady();
  }

  /** Nor is what was seen. */
  forget(): void {
    this.outdate();
    this.seen = undefined;
  }

  /** The last look found it running. */
  ranAtLast({ ID: task }: SwarmTask): void {
    const { seenAt } = this;
    this.ran = { task, first: this.ran.task === task ? this.ran.first : seenAt, last: seenAt };
  }

  /** Of a task that ended. */
  runOf({ CreatedAt }: SwarmTask): Run {
    return { created: Date.parse(CreatedAt), first: this.ran.first, last: this.ran.last };
  }
}

/** What becomes of a new task: it runs, it has ended, or no node had a place for it for too long. */
import type { Clock } from "../../../../host/ports/clock";
import type { Seen } from "./sightings";
import type { SwarmTask } from "./swarm";
import { hasEnded, hasNoPlace } from "./task-state";

/** A task without a place for this long gets none. */
const REFUSED_MS = 1_500;

export class Placement {
  private refusedSince = Number.POSITIVE_INFINITY;

  constructor(
    /** Ids of the tasks that there were before. */
    private readonly before: ReadonlySet<string>,
    private readonly clock: Clock,
  ) {}

  /** Undefined: it is not known yet. */
  outcome({ newest, tasks }: Seen): SwarmTask | undefined {
    if (!newest || this.before.has(newest.ID)) return undefined;
    if (newest.Status.State === "running" || hasEnded(newest)) return newest;
    const now = this.clock.steady();
    // One before it, that is still ending, may be what is in its way.
    const isAlone = tasks.every(other => other.ID === newest.ID || hasEnded(other));
    const isRefused = hasNoPlace(newest) && isAlone;
    this.refusedSince = isRefused ? Math.min(this.refusedSince, now) : Number.POSITIVE_INFINITY;
    return now - this.refusedSince >= REFUSED_MS ? newest : undefined;
  }
}

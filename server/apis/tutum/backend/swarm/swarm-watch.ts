/**
 * Looks at a Swarm, which does not tell when a task changes: often while something is under way, else now and then.
 * One look at a time; the next one follows when it is due.
 */
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type { Swarm, SwarmNode, SwarmService, SwarmTask } from "./swarm";

export const LOOK_MS = { busy: 200, idle: 2_000 };
/** After this many looks in a row without a response the manager is away. */
const FAILURES = 3;

/** What a look found: all nodes, and what is this server's own. */
export interface Found {
  nodes: SwarmNode[];
  services: SwarmService[];
  tasks: SwarmTask[];
}

export interface Watcher {
  /** Something is under way. */
  isBusy(): boolean;
  /** `time`: when the look began. */
  found(found: Found, time: number): Promise<void>;
  /** The manager is away. */
  silent(): void;
}

export class SwarmWatch {
  private looking: Promise<void> | undefined;
  private cancelLook: () => void = () => {};
  private closed = false;
  /** Looks in a row without a response. */
  private failures = 0;
  private reason: string | undefined;

  constructor(
    private readonly swarm: Pick<Swarm, "nodes" | "services" | "tasks">,
    private readonly watcher: Watcher,
    private readonly parts: { clock: Clock; logger: Logger },
  ) {}

  /** Why the manager does not answer; undefined when it does. */
  get problem(): string | undefined {
    return this.reason;
  }

  /** Resolves after one; later ones follow by themselves. */
  look(): Promise<void> {
    this.cancelLook();
    this.looking ??= this.compare().finally(() => {
      this.looking = undefined;
      if (!this.closed) this.schedule();
    });
    return this.looking;
  }

  /** Something is about to happen. */
  hurry(): void {
    if (!this.looking) this.schedule();
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelLook();
    await this.looking;
  }

  private schedule(): void {
    this.cancelLook();
    const isBusy = (this.failures > 0 && this.failures < FAILURES) || this.watcher.isBusy();
    this.cancelLook = this.parts.clock.setTimeout(
      () => void this.look(),
      isBusy ? LOOK_MS.busy : LOOK_MS.idle,
    );
  }

  private async compare(): Promise<void> {
    const time = this.parts.clock.steady();
    let found: [SwarmNode[], SwarmService[], SwarmTask[]];
    try {
      found = await Promise.all([this.swarm.nodes(), this.swarm.services(), this.swarm.tasks()]);
    } catch (error) {
      this.failed((error as Error).message);
      return;
    }
    if (this.closed) return;
    this.reason = undefined;
    this.failures = 0;
    const [nodes, services, tasks] = found;
    await this.watcher.found({ nodes, services, tasks }, time);
  }

  private failed(reason: string): void {
    // Once may be chance: applications would be refused for it.
    if (++this.failures < FAILURES) return;
    if (this.reason !== reason) this.parts.logger.warn({ reason }, "the Swarm manager does not answer");
    this.reason = reason;
    this.watcher.silent();
  }
}

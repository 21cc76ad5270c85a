/**
 * Whether containers ended because a node's daemon was restarted. Swarm does not say so: they look like processes that
 * ended by themselves. But a daemon that is back changes its node twice (it registers, and gives up its networks), while
 * the end of a container changes it once at most.
 */
import type { Clock } from "../../../../host/ports/clock";
import type { Swarm } from "./swarm";

/** So long after the end the last change comes. */
const CHANGES_MS = 1_000;
const REMEMBERED_MS = 60_000;
const RETRY_MS = 1_000;

export class NodeRestarts {
  private readonly changes = new Map<string, number[]>();
  private connection: AbortController | undefined;
  private cancelRetry: () => void = () => {};
  private closed = false;

  constructor(
    private readonly swarm: Swarm,
    private readonly clock: Clock,
  ) {}

  async listen(): Promise<void> {
    const connection = new AbortController();
    this.connection = connection;
    const again = () => {
      if (!this.closed)
        this.cancelRetry = this.clock.setTimeout(() => void this.listen().catch(again), RETRY_MS);
    };
    await this.swarm.nodeUpdates(connection.signal, node => this.changed(node), again);
  }

  async restartedSince(node: string, time: number): Promise<boolean> {
    await new Promise<void>(resolve => this.clock.setTimeout(resolve, CHANGES_MS));
    return (this.changes.get(node) ?? []).filter(changed => changed >= time).length > 1;
  }

  close(): void {
    this.closed = true;
    this.cancelRetry();
    this.connection?.abort();
  }

  private changed(node: string): void {
    const now = this.clock.steady();
    const recent = (this.changes.get(node) ?? []).filter(time => time > now - REMEMBERED_MS);
    this.changes.set(node, [...recent, now]);
  }
}

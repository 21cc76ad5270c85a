/**
 * Whether containers ended because a node's daemon was restarted. Swarm does not say so: they look like processes that
 * ended by themselves. But a daemon that is back changes its node twice (it registers, and gives up its networks), while
 * the end of a container changes it once at most. The daemon that would tell of its own changes was away: it is asked
 * when it began.
 */
import type { Clock } from "../../../../host/ports/clock";
import type { Engine } from "../docker/engine";
import type { Swarm } from "./swarm";

/** The last change comes this long after the end, at most. */
const CHANGES_MS = 1_000;
/** A node that registered again may still be told to run what ended with its daemon for this long. */
const STALE_MS = 5_000;
const REMEMBERED_MS = 60_000;
const RETRY_MS = 1_000;

/** Of a task. */
export interface Run {
  /** When it was made, in ms by the Swarm's clock. */
  created: number;
  /** The first and the last look that found it running, by the steady clock. */
  first: number;
  last: number;
}

export class NodeRestarts {
  private readonly changes = new Map<string, number[]>();
  private connection: AbortController | undefined;
  private cancelRetry: () => void = () => {};
  private closed = false;

  constructor(
    private readonly swarm: Pick<Swarm, "ownNode" | "nodeUpdates">,
    /** The manager's. */
    private readonly engine: Pick<Engine, "daemonStart">,
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

  /** Once it was seen no longer to run. Throws when the manager does not answer. */
  async restartedUnder(node: string, run: Run): Promise<boolean> {
    if (node === (await this.swarm.ownNode())) {
      const began = await this.engine.daemonStart();
      return began !== undefined && run.created < began;
    }
    await new Promise<void>(resolve => this.clock.setTimeout(resolve, CHANGES_MS));
    // The change when it began to run is none of its end's.
    const from = Math.max(run.first, run.last - STALE_MS);
    return (this.changes.get(node) ?? []).filter(changed => changed >= from).length > 1;
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

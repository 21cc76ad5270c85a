/**
 * A machine with an engine: whether it answers, what others use there, and one engine call at a time for each
 * container. When the engine is away it is asked again and again, and everything goes on when it is back.
 */
import { networkInterfaces } from "node:os";
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type { BackendNode } from "../../model/backend";
import { InFlight } from "../containers/in-flight";
import { belongsTo } from "../containers/labels";
import { Limit } from "../containers/limit";
import type { NodeOptions } from "./endpoint";
import type { Engine, EngineEvent } from "./engine";

/** Containers that are being created at a time; more only make each one slower. */
const LAUNCHES = 8;
const RETRY_MS = { first: 100, last: 2_000 };
const CHECK_MS = 5_000;
/** After this many checks everything is looked at, whatever the events tell. */
const CHECKS_PER_LOOK = 6;

export interface NodeListener {
  /** The engine answers, for the first time or again: what is what there? Nothing is done before that is known. */
  identify(node: DockerNode): Promise<void>;
  down(node: DockerNode): void;
  event(node: DockerNode, event: EngineEvent): void;
  /** Time to compare what the engine has with what is known. */
  look(node: DockerNode): Promise<void>;
}

export class DockerNode implements BackendNode {
  readonly name: string;
  readonly launches = new Limit(LAUNCHES);
  up = false;
  takenPorts: Set<number> = new Set();
  /** How its containers reach it. */
  gateway: string | undefined;
  /** When its daemon began to run, in ms. */
  daemonStart: number | undefined;
  /** Since when it does not answer. */
  downSince: number;
  /** Why it does not. */
  problem = "not asked yet";
  private readonly networks = new InFlight<void>();
  private readonly conflicts = new Set<number>();
  private connection: AbortController | undefined;
  private cancelTimer: () => void = () => {};
  private isAway = false;
  private closed = false;

  constructor(
    readonly options: NodeOptions,
    readonly engine: Engine,
    private readonly server: string,
    private readonly parts: { clock: Clock; logger: Logger },
    private readonly listener: NodeListener,
  ) {
    this.name = options.name;
    this.downSince = parts.clock.steady();
  }

  get answers(): boolean {
    return this.up;
  }

  /** Whether it is this very machine: then its containers are reached in their own network, too. */
  get isHere(): boolean {
    const own = Object.values(networkInterfaces()).flatMap(found => found ?? []);
    const { remote } = this.options;
    // Another machine's network may have the same gateway as one of this machine's.
    const sign = remote ? remote.host : this.gateway;
    return own.some(({ address }) => address === sign);
  }

  /** Where its outer ports are bound and reached: found out at each start, since servers move. */
  get address(): string {
    const { address, remote } = this.options;
    return address ?? (remote?.host !== undefined && !this.isHere ? remote.host : "127.0.0.1");
  }

  /** Whether outer ports bound to its address are reached from here, as far as that can be told. */
  get isReachable(): boolean {
    return this.isHere || this.address !== "127.0.0.1";
  }

  /** Where outer ports that are bound to these addresses are reached from here; undefined: nowhere. */
  reachedAt(boundTo: readonly string[] = this.bindTo): string | undefined {
    const { address, isHere } = this;
    const everywhere = boundTo.includes("0.0.0.0");
    if (isHere) return everywhere || boundTo.includes("127.0.0.1") ? "127.0.0.1" : boundTo[0];
    if (this.options.remote && !this.isReachable) return undefined;
    if (address === "0.0.0.0") return this.options.remote?.host ?? "127.0.0.1";
    // A container may be older than what is known of its node now.
    return everywhere || boundTo.length === 0 || boundTo.includes(address) ? address : undefined;
  }

  /** Addresses outer ports are bound to: for others, and for its own containers. */
  get bindTo(): string[] {
    if (this.address === "0.0.0.0") return [this.address];
    return [...new Set([this.address, ...(this.gateway ? [this.gateway] : [])])];
  }

  /** Where its outer ports are reached from a container on `from`. */
  reachedFrom(from: DockerNode): string | undefined {
    if (from === this) return this.address === "0.0.0.0" ? "host-gateway" : this.gateway;
    return this.options.address;
  }

  /** Tries once; afterwards it goes on by itself. */
  async connect(retry = RETRY_MS.first): Promise<void> {
    const connection = new AbortController();
    this.connection = connection;
    try {
      await this.engine.ping();
      await this.ensureNetwork();
      this.daemonStart = await this.engine.daemonStart();
      await this.engine.events(
        this.server,
        connection.signal,
        event => this.listener.event(this, event),
        () => this.lose(connection, "its events ended"),
      );
      await this.learnPorts();
      await this.listener.identify(this);
      if (this.closed) return this.close();
      this.up = true;
      this.isAway = false;
      await this.listener.look(this);
      this.later(() => this.check(connection, 1), CHECK_MS);
    } catch (error) {
      connection.abort();
      if (this.closed) return;
      this.away((error as Error).message);
      this.later(() => this.connect(Math.min(retry * 2, RETRY_MS.last)), retry);
    }
  }

  /** Also when someone removed it: containers are given to it by name. One of those that ask at a time makes it. */
  ensureNetwork(): Promise<void> {
    return this.networks.share("", async () => {
      this.gateway = (await this.engine.network(this.server)).gateway;
    });
  }

  /** A call had no response: check the engine at once. */
  suspect(): void {
    const { connection } = this;
    if (connection && this.up) this.later(() => this.check(connection, 1), 0);
  }

  /** Others have these. */
  conflict(ports: readonly number[]): void {
    for (const port of ports) {
      this.conflicts.add(port);
      this.takenPorts.add(port);
    }
  }

  close(): void {
    this.closed = true;
    this.up = false;
    this.cancelTimer();
    this.connection?.abort();
  }

  private lose(connection: AbortController, problem: string): void {
    if (connection !== this.connection || this.closed || !this.up) return;
    connection.abort();
    this.away(problem);
    this.later(() => this.connect(), RETRY_MS.first);
  }

  private away(problem: string): void {
    this.up = false;
    this.problem = problem;
    if (this.isAway) return;
    this.isAway = true;
    this.downSince = this.parts.clock.steady();
    this.parts.logger.warn({ node: this.name, problem }, "an engine does not answer");
    this.listener.down(this);
  }

  private async check(connection: AbortController, count: number): Promise<void> {
    try {
      await this.engine.ping();
      if (count % CHECKS_PER_LOOK === 0) {
        await this.learnPorts();
        await this.listener.look(this);
      }
      if (connection === this.connection && this.up)
        this.later(() => this.check(connection, count + 1), CHECK_MS);
    } catch (error) {
      this.lose(connection, (error as Error).message);
    }
  }

  private async learnPorts(): Promise<void> {
    const published = await this.engine.publishedPorts();
    const foreign = published.filter(({ labels }) => !belongsTo(this.server, labels));
    this.takenPorts = new Set([...this.conflicts, ...foreign.flatMap(({ ports }) => ports)]);
  }

  private later(task: () => unknown, ms: number): void {
    this.cancelTimer();
    this.cancelTimer = this.parts.clock.setTimeout(() => void task(), ms);
  }
}

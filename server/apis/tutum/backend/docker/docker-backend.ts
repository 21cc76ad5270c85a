/**
 * Containers on Docker Engine, on one machine or on several. What the engines have is told by labels, so that a server
 * that was killed finds everything again, and never touches what is not its own.
 */
import { UserError } from "../../../../host/errors";
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type {
  Backend,
  BackendEvent,
  BackendHealth,
  ContainerSpec,
  ContainerStatus,
  ImageDefaults,
  ImageReference,
} from "../../model/backend";
import { imageDefaults } from "../containers/image-defaults";
import { KeptLogs } from "../containers/kept-logs";
import { containerId } from "../containers/labels";
import { DEFAULT_READINESS, type ReadinessTimes } from "../containers/readiness";
import { imageText } from "../containers/registry";
import type { SizeLimits } from "../containers/sizes";
import { Strangers } from "../containers/strangers";
import { Roster } from "../roster";
import type { EngineAddress } from "./connection";
import { engineAddress, located, type NodeOptions } from "./endpoint";
import { Engine, type EngineEvent, type ListedContainer } from "./engine";
import type { DockerContext } from "./engine-container";
import { Images } from "./images";
import { ManagedContainer } from "./managed-container";
import { DockerNode } from "./node";

export interface DockerBackendOptions {
  /** This server's id on the engines. */
  server: string;
  nodes: readonly NodeOptions[];
  sizes: SizeLimits;
  readiness?: Partial<ReadinessTimes>;
  /** Milliseconds without progress after which the fetch of an image is given up. */
  pullIdle?: number;
  clock: Clock;
  logger: Logger;
}

/** A node that is away for longer is lost: its containers go to the others. */
const NODE_LOST_MS = 15_000;

const UNREACHED =
  "their ports are bound to addresses that are not reached from here: redeploy their applications, and web names work again";

/** Throws a `UserError` when no engine answers. */
export async function createDockerBackend(options: DockerBackendOptions): Promise<Backend> {
  const addresses = options.nodes.map(node => engineAddress(node.endpoint, process.env));
  const nodes = await located(options.nodes);
  const backend = new DockerBackend(
    options,
    nodes.map((node, index) => ({ node, engine: new Engine(addresses[index] as EngineAddress) })),
  );
  await backend.connect();
  return backend;
}

class DockerBackend implements Backend {
  readonly simulated = false;
  readonly placement = "spread";
  readonly launching = "together";
  private readonly all: readonly DockerNode[];
  private readonly roster = new Roster<ManagedContainer>();
  private readonly strangers = new Strangers();
  private readonly context: DockerContext;
  private readonly timers = new Set<() => void>();
  /** Before that there are no strangers. */
  private adopted = false;

  constructor(
    { server, sizes, clock, logger, readiness, pullIdle }: DockerBackendOptions,
    nodes: readonly { node: NodeOptions; engine: Engine }[],
  ) {
    this.context = {
      ...{ server, sizes, clock, logger, roster: this.roster },
      readiness: { ...DEFAULT_READINESS, ...readiness },
      images: new Images({ idle: pullIdle, clock, logger }),
      keptLogs: new KeptLogs(clock),
    };
    const listener = {
      identify: (node: DockerNode) => this.identify(node),
      look: (node: DockerNode) => this.look(node),
      down: () => void this.timers.add(clock.setTimeout(() => this.loseNodes(), NODE_LOST_MS)),
      event: (node: DockerNode, event: EngineEvent) => this.noticed(node, event),
    };
    this.all = nodes.map(
      ({ node, engine }) => new DockerNode(node, engine, server, { clock, logger }, listener),
    );
  }

  async connect(): Promise<void> {
    await Promise.all(this.all.map(node => node.connect()));
    if (this.up.length > 0) return;
    this.letGo();
    const problems = this.all.map(node => `${node.options.endpoint} (${node.problem})`);
    throw new UserError(
      `no Docker Engine answers: ${problems.join(", ")}. Start it, or name it with DOCKER_HOST or --node`,
    );
  }

  async image(image: ImageReference): Promise<ImageDefaults | undefined> {
    for (const node of this.up) {
      const config = await node.engine.image(imageText(image)).catch(() => undefined);
      if (config) return imageDefaults(config);
    }
    return undefined;
  }

  async launch(spec: ContainerSpec): Promise<void> {
    const known = this.roster.find(spec.id);
    this.context.keptLogs.forget(spec.id);
    if (known && known.node === this.nodeOf(spec.node)) {
      known.spec = spec;
      known.do("launch");
    } else this.manage(spec).do("launch");
  }

  async start(spec: ContainerSpec): Promise<void> {
    const container = this.roster.get(spec.id);
    container.spec = spec;
    container.do("start");
  }

  async stop(id: string): Promise<void> {
    this.roster.get(id).do("stop");
  }

  async remove(id: string): Promise<void> {
    const container = this.roster.find(id);
    if (container) container.do("remove");
    else this.roster.report({ type: "removed", id });
  }

  async logs(id: string): Promise<string> {
    return (await this.roster.find(id)?.logs()) ?? this.context.keptLogs.get(id);
  }

  events(listener: (event: BackendEvent) => void): void {
    this.roster.listen(listener);
  }

  nodes(): readonly DockerNode[] {
    return this.all;
  }

  address(id: string): string | undefined {
    const container = this.roster.find(id);
    return container?.node.reachedAt(container.boundTo);
  }

  hostAddress(): string | undefined {
    const [only, ...others] = this.all;
    return others.length === 0 && only?.options.address === undefined ? only?.gateway : undefined;
  }

  async health(): Promise<BackendHealth> {
    const { all, up } = this;
    const down = all.filter(node => !node.up);
    const unknown = this.strangers.all;
    const far = this.unreached();
    return {
      ok: down.length === 0,
      message: [
        `${this.roster.size} containers on ${up.length} of ${all.length} engines`,
        ...down.map(node => `${node.name} does not answer: ${node.problem}`),
        ...(far.length > 0 ? [`${far.join(", ")}: ${UNREACHED}`] : []),
      ].join("; "),
      ...(unknown.length > 0 ? { unknown } : {}),
    };
  }

  async adopt(known: { spec: ContainerSpec; status: ContainerStatus }[]): Promise<void> {
    const added = known.flatMap(({ spec, status }) =>
      this.roster.find(spec.id) ? [] : { container: this.manage(spec), status },
    );
    const { up } = this;
    await Promise.all(up.map(node => this.identify(node)));
    for (const { container, status } of added) container.takeOver(status);
    this.adopted = true;
    await Promise.all(up.map(node => this.look(node)));
    this.warnOfUnreached();
  }

  async clear(): Promise<void> {
    const containers = this.roster.all;
    this.roster.clear();
    await Promise.all(containers.map(container => container.abandon()));
    const cleared = await Promise.allSettled(this.all.map(node => this.clearNode(node)));
    this.context.keptLogs.clear();
    this.strangers.clear();
    const problems = cleared.flatMap(done => (done.status === "rejected" ? [done.reason.message] : []));
    if (problems.length > 0) throw new Error(problems.join("; "));
  }

  async close(): Promise<void> {
    this.roster.listen(() => {});
    await Promise.all(this.up.map(node => this.removeUnused(node)));
    this.letGo();
  }

  private get up(): DockerNode[] {
    return this.all.filter(node => node.up);
  }

  private letGo(): void {
    for (const cancel of this.timers) cancel();
    for (const node of this.all) node.close();
  }

  private nodeOf(name: string): DockerNode {
    // Also one that the options no longer name: whatever was there can only be launched again elsewhere.
    return this.all.find(node => node.name === name) ?? (this.up[0] as DockerNode);
  }

  private manage(spec: ContainerSpec): ManagedContainer {
    const container = new ManagedContainer(spec, this.nodeOf(spec.node), this.context);
    this.roster.add(container);
    return container;
  }

  /** What is labelled as a container of this node. */
  private labelled(node: DockerNode, labels: Record<string, string>): ManagedContainer | undefined {
    const container = this.roster.find(containerId(labels));
    return container?.node === node ? container : undefined;
  }

  private noticed(node: DockerNode, { action, labels }: EngineEvent): void {
    this.labelled(node, labels)?.noticed(action);
  }

  private async identify(node: DockerNode): Promise<void> {
    for (const { Id, Labels, Ports } of await node.engine.list(this.context.server)) {
      const boundTo = [...new Set(Ports.flatMap(({ IP, PublicPort }) => (PublicPort && IP) || []))];
      this.labelled(node, Labels)?.identify(Id, boundTo);
    }
  }

  /** Compares what the engine has with what is known. */
  private async look(node: DockerNode): Promise<void> {
    this.loseNodes();
    const found = await node.engine.list(this.context.server);
    const states = new Map(found.map(({ Labels, State }) => [containerId(Labels), State]));
    for (const container of this.roster.all) {
      if (container.node === node) container.listed(states.get(container.spec.id));
    }
    if (this.adopted) await this.findStrangers(node, found);
  }

  /** What carries our label and is not known there: reported, and removed only when it is known to run elsewhere. */
  private async findStrangers(node: DockerNode, found: ListedContainer[]): Promise<void> {
    const { logger } = this.context;
    const strangers: string[] = [];
    for (const { Id, Labels, Names } of found) {
      const known = this.roster.find(containerId(Labels));
      const container = Names[0]?.slice(1) ?? Id;
      if (known && known.node !== node) {
        logger.warn({ node: node.name, container }, "removing a container that was moved to another node");
        await node.engine.remove(Id);
      } else if (!known) strangers.push(container);
    }
    for (const container of this.strangers.note(node.name, strangers)) {
      logger.warn(
        { node: node.name, container },
        "a container with this server's label is in none of its records",
      );
    }
  }

  /** When there are others to go to. */
  private loseNodes(): void {
    if (this.up.length === 0) return;
    const { clock } = this.context;
    for (const container of this.roster.all) {
      const { node, spec } = container;
      if (node.up || clock.steady() - node.downSince < NODE_LOST_MS) continue;
      void container.abandon();
      this.roster.report({ type: "lost", id: spec.id, reason: `node ${node.name} does not answer` });
      this.roster.forget(container);
    }
  }

  /** Names of containers whose outer ports are bound where they are not reached from here: they are older than the server's move. */
  private unreached(): string[] {
    return this.roster.all
      .filter(
        ({ node, boundTo = [] }) => node.up && boundTo.length > 0 && node.reachedAt(boundTo) === undefined,
      )
      .map(({ spec }) => spec.name);
  }

  private warnOfUnreached(): void {
    const { logger } = this.context;
    for (const { name, options, isReachable } of this.all.filter(node => node.options.remote)) {
      if (isReachable) continue;
      const way = `--node ${name}=${options.endpoint},address=ADDRESS`;
      logger.warn(
        { node: name, way },
        "the ports of its containers are not reached from here: it has no address",
      );
    }
    const containers = this.unreached();
    if (containers.length > 0) logger.warn({ containers }, UNREACHED);
  }

  private async clearNode({ name, up, engine, launches }: DockerNode): Promise<void> {
    try {
      if (!up) throw new Error("it does not answer");
      const found = await engine.list(this.context.server);
      await Promise.all(found.map(({ Id }) => launches.run(() => engine.remove(Id))));
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`);
    }
  }

  private async removeUnused({ name, engine }: DockerNode): Promise<void> {
    const { server, logger } = this.context;
    try {
      if ((await engine.list(server)).length === 0) await engine.removeNetwork(server);
    } catch (error) {
      logger.warn({ node: name, error: String(error) }, "the network of this server was not removed");
    }
  }
}

/**
 * Containers on a Docker Swarm, through one of its managers. Labels say what is ours; nothing else is touched.
 */
import { UserError } from "../../../../host/errors";
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type {
  Backend,
  BackendEvent,
  BackendHealth,
  BackendNode,
  ContainerSpec,
  ContainerStatus,
  ImageDefaults,
  ImageReference,
} from "../../model/backend";
import { imageDefaults } from "../containers/image-defaults";
import { KeptLogs } from "../containers/kept-logs";
import { containerId } from "../containers/labels";
import { Limit } from "../containers/limit";
import { DEFAULT_READINESS, type ReadinessTimes } from "../containers/readiness";
import { imageText } from "../containers/registry";
import type { SizeLimits } from "../containers/sizes";
import { Strangers } from "../containers/strangers";
import { engineAddress, type NodeOptions } from "../docker/endpoint";
import { Engine } from "../docker/engine";
import { Images } from "../docker/images";
import { Roster } from "../roster";
import { ManagedService } from "./managed-service";
import { NodeRestarts } from "./node-restarts";
import { SwarmNodes } from "./nodes";
import type { Seen } from "./sightings";
import { Swarm, type SwarmService } from "./swarm";
import type { SwarmContext } from "./swarm-context";
import { type Found, LOOK_MS, SwarmWatch } from "./swarm-watch";

export interface SwarmBackendOptions {
  /** This server's id in the Swarm. */
  server: string;
  /** How a manager is reached. */
  manager: NodeOptions;
  sizes: SizeLimits;
  readiness?: Partial<ReadinessTimes>;
  /** Milliseconds without progress after which the manager's fetch of an image is given up. */
  pullIdle?: number;
  clock: Clock;
  logger: Logger;
}

const REMOVED_WITHIN_MS = 30_000;
/** Containers that are being launched at a time. */
const LAUNCHES = 16;

/** Throws a `UserError` when there is no Swarm manager. */
export async function createSwarmBackend(options: SwarmBackendOptions): Promise<Backend> {
  const backend = new SwarmBackend(options);
  await backend.connect();
  return backend;
}

class SwarmBackend implements Backend {
  readonly simulated = false;
  readonly placement = "spread";
  readonly launching = "together";
  private readonly swarm: Swarm;
  private readonly engine: Engine;
  private readonly restarts: NodeRestarts;
  private readonly roster = new Roster<ManagedService>();
  private readonly strangers = new Strangers();
  private readonly swarmNodes = new SwarmNodes();
  private readonly watch: SwarmWatch;
  private readonly context: SwarmContext;
  private readonly manager: NodeOptions;
  /** Before that there are no strangers. */
  private adopted = false;

  constructor({ server, manager, sizes, readiness, pullIdle, clock, logger }: SwarmBackendOptions) {
    const connection = engineAddress(manager.endpoint, process.env);
    this.manager = manager;
    this.swarm = new Swarm(connection, server);
    this.engine = new Engine(connection);
    this.restarts = new NodeRestarts(this.swarm, this.engine, clock);
    const watcher = {
      isBusy: () => this.roster.all.some(service => service.isBusy),
      found: (found: Found, time: number) => this.compare(found, time),
      silent: () => this.swarmNodes.silent(),
    };
    this.watch = new SwarmWatch(this.swarm, watcher, { clock, logger });
    this.context = {
      ...{ server, sizes, clock, logger, swarm: this.swarm, restarts: this.restarts },
      ...{ roster: this.roster, nodes: this.swarmNodes },
      readiness: { ...DEFAULT_READINESS, ...readiness },
      images: new Images({ idle: pullIdle, clock, logger }),
      keptLogs: new KeptLogs(clock),
      manager: { name: manager.name, engine: this.engine },
      launches: new Limit(LAUNCHES),
      hurry: () => this.watch.hurry(),
    };
  }

  async connect(): Promise<void> {
    const reason = await this.problem();
    if (reason) {
      this.restarts.close();
      throw new UserError(
        `no Swarm manager at ${this.manager.endpoint}: ${reason}. DOCKER_HOST or --node names another one`,
      );
    }
    await this.watch.look();
  }

  async image(image: ImageReference): Promise<ImageDefaults | undefined> {
    const config = await this.engine.image(imageText(image)).catch(() => undefined);
    return config && imageDefaults(config);
  }

  async launch(spec: ContainerSpec): Promise<void> {
    this.context.keptLogs.forget(spec.id);
    const known = this.roster.find(spec.id);
    if (known) known.spec = spec;
    (known ?? this.manage(spec)).do("launch");
  }

  async start(spec: ContainerSpec): Promise<void> {
    const service = this.roster.get(spec.id);
    service.spec = spec;
    service.do("start");
  }

  async stop(id: string): Promise<void> {
    this.roster.get(id).do("stop");
  }

  async remove(id: string): Promise<void> {
    const service = this.roster.find(id);
    if (service) service.do("remove");
    else this.roster.report({ type: "removed", id });
  }

  async logs(id: string): Promise<string> {
    return (await this.roster.find(id)?.logs()) ?? this.context.keptLogs.get(id);
  }

  events(listener: (event: BackendEvent) => void): void {
    this.roster.listen(listener);
  }

  nodes(): readonly BackendNode[] {
    return this.swarmNodes.all;
  }

  /** None: a node's address is for others too, and nothing listens on it unless it is told to (`apiUrl`). */
  hostAddress(): undefined {
    return undefined;
  }

  address(id: string): string | undefined {
    return this.swarmNodes.named(this.roster.find(id)?.spec.node)?.address;
  }

  async health(): Promise<BackendHealth> {
    const { all, down } = this.swarmNodes;
    const { problem } = this.watch;
    const unknown = this.strangers.all;
    return {
      ok: problem === undefined && down.length === 0,
      message: [
        `${this.roster.size} containers on ${all.length - down.length} of ${all.length} nodes`,
        ...(problem === undefined ? [] : [`the manager does not answer: ${problem}`]),
        ...(problem === undefined && down.length > 0
          ? [`down: ${down.map(({ name }) => name).join(", ")}`]
          : []),
      ].join("; "),
      ...(unknown.length > 0 ? { unknown } : {}),
    };
  }

  async adopt(known: { spec: ContainerSpec; status: ContainerStatus }[]): Promise<void> {
    const ours = await this.swarm.services();
    const all = known.filter(({ spec }) => !this.roster.find(spec.id));
    const managed = all.map(({ spec, status }) => ({ service: this.manage(spec), status }));
    for (const { service, status } of managed) service.takeOver(status, serviceOf(service.spec, ours));
    this.adopted = true;
    await this.watch.look();
  }

  async clear(): Promise<void> {
    const { clock, keptLogs } = this.context;
    for (const service of this.roster.all) service.abandon();
    this.roster.clear();
    await Promise.all((await this.swarm.services()).map(({ ID }) => this.swarm.remove(ID)));
    const ends = clock.steady() + REMOVED_WITHIN_MS;
    // Those on nodes that are away end when these are back.
    while (clock.steady() < ends && (await this.hasTasks())) {
      await new Promise<void>(resolve => clock.setTimeout(resolve, LOOK_MS.busy));
    }
    keptLogs.clear();
    this.strangers.clear();
  }

  async close(): Promise<void> {
    this.roster.listen(() => {});
    const watched = this.watch.close();
    this.restarts.close();
    for (const service of this.roster.all) service.abandon();
    await watched;
    await this.removeUnused();
  }

  /** Why there is no Swarm manager. */
  private async problem(): Promise<string | undefined> {
    try {
      const reason = await this.swarm.problem();
      if (!reason) await this.restarts.listen();
      return reason;
    } catch (error) {
      return (error as Error).message;
    }
  }

  private manage(spec: ContainerSpec): ManagedService {
    const service = new ManagedService(spec, this.context);
    this.roster.add(service);
    return service;
  }

  private async compare({ nodes, services, tasks }: Found, time: number): Promise<void> {
    this.swarmNodes.seen(nodes);
    for (const service of this.roster.all) {
      service.look(this.seenOf(service.spec, services, tasks), time);
    }
    if (this.swarmNodes.all.some(node => node.up)) await this.loseNodes();
    if (this.adopted) this.noteStrangers(services);
  }

  private seenOf(spec: ContainerSpec, services: SwarmService[], all: Found["tasks"]): Seen {
    const tasks = all
      .filter(task => containerId(task.Spec.ContainerSpec?.Labels) === spec.id)
      .sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1));
    return {
      service: serviceOf(spec, services),
      tasks: tasks.filter(task => this.swarmNodes.answers(task.NodeID)),
      newest: tasks[0],
      isNodeDown: !this.swarmNodes.named(spec.node)?.answers,
    };
  }

  /** What was on a node that is away goes to another one. Swarm itself would leave it: see `RestartPolicy`. */
  private async loseNodes(): Promise<void> {
    for (const service of this.roster.all) {
      const node = this.swarmNodes.named(service.spec.node);
      if (!node || node.isAway) await service.lose(`node ${service.spec.node} is ${node?.state ?? "gone"}`);
    }
  }

  private noteStrangers(services: SwarmService[]): void {
    const strangers = services
      .filter(({ Spec }) => !this.roster.find(containerId(Spec.Labels)))
      .map(({ Spec }) => Spec.Name);
    for (const service of this.strangers.note(this.manager.name, strangers)) {
      this.context.logger.warn({ service }, "a service with this server's label is in none of its records");
    }
  }

  /** On nodes that answer. */
  private async hasTasks(): Promise<boolean> {
    return (await this.swarm.tasks()).some(task => this.swarmNodes.answers(task.NodeID));
  }

  private async removeUnused(): Promise<void> {
    try {
      if ((await this.swarm.services()).length === 0) await this.swarm.removeNetwork();
    } catch (error) {
      this.context.logger.warn({ error: String(error) }, "the network of this server was not removed");
    }
  }
}

function serviceOf({ id }: ContainerSpec, services: readonly SwarmService[]): SwarmService | undefined {
  return services.find(({ Spec }) => containerId(Spec.Labels) === id);
}

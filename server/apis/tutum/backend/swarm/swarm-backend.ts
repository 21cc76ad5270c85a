/**
 * Containers on a Docker Swarm, through one of its managers. A Swarm tells nobody when a task changes, so it is asked:
 * often while something is under way, else now and then. Labels say what is ours; nothing else is touched.
 */
import { UserError } from "../../../../host/errors";
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type { Backend, BackendEvent, BackendNode, ContainerSpec, ImageDefaults } from "../../model/backend";
import { type ImageConfig, imageDefaults } from "../containers/image-defaults";
import { KeptLogs } from "../containers/kept-logs";
import { containerId } from "../containers/labels";
import { Limit } from "../containers/limit";
import { DEFAULT_READINESS, type ReadinessTimes } from "../containers/readiness";
import { imageText } from "../containers/registry";
import type { SizeLimits } from "../containers/sizes";
import { engineAddress, type NodeOptions } from "../docker/endpoint";
import { Engine } from "../docker/engine";
import { Images } from "../docker/images";
import { ManagedService, type Seen } from "./managed-service";
import { NodeRestarts } from "./node-restarts";
import type { SwarmSurroundings } from "./service-spec";
import { Swarm, type SwarmNode, type SwarmService, type SwarmTask } from "./swarm";

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

const LOOK_MS = { busy: 200, idle: 2_000 };
/** So many looks in a row without an answer: the manager is away. */
const FAILURES = 3;
const REMOVED_WITHIN_MS = 30_000;
/** Containers that are being launched at a time. */
const LAUNCHES = 16;

interface Node extends BackendNode {
  id: string;
  state: string;
  /** Nothing runs there, and nothing will for a while. */
  isAway: boolean;
  address: string;
  takenPorts: Set<number>;
}

/** Throws a `UserError` when there is no Swarm manager. */
export async function createSwarmBackend(options: SwarmBackendOptions): Promise<Backend> {
  const { server, clock, logger, sizes, manager } = options;
  const connection = engineAddress(manager.endpoint, process.env);
  const swarm = new Swarm(connection, server);
  const engine = new Engine(connection);
  const images = new Images({ idle: options.pullIdle, clock, logger });
  const keptLogs = new KeptLogs(clock);
  const launches = new Limit(LAUNCHES);
  const readiness = { ...DEFAULT_READINESS, ...options.readiness };
  const services = new Map<string, ManagedService>();
  const restarts = new NodeRestarts(swarm, engine, clock);
  let nodes: Node[] = [];
  let problem: string | undefined;
  /** Looks in a row without an answer. */
  let failures = 0;
  let unknown: string[] = [];
  /** Before that nobody can be a stranger. */
  let adopted = false;
  let looking: Promise<void> | undefined;
  let cancelLook: () => void = () => {};
  let closed = false;
  let report: (event: BackendEvent) => void = () => {};

  await connect();
  await look();

  async function connect(): Promise<void> {
    let reason: string | undefined;
    try {
      reason = await swarm.problem();
      if (!reason) {
        await restarts.listen();
      }
    } catch (error) {
      reason = (error as Error).message;
    }
    if (!reason) return;
    restarts.close();
    throw new UserError(
      `no Swarm manager at ${manager.endpoint}: ${reason}. DOCKER_HOST or --node names another one`,
    );
  }

  /** One at a time; the next one follows when it is due. */
  function look(): Promise<void> {
    cancelLook();
    looking ??= compare().finally(() => {
      looking = undefined;
      if (!closed) schedule();
    });
    return looking;
  }

  function schedule(): void {
    cancelLook();
    const busy =
      (failures > 0 && failures < FAILURES) || [...services.values()].some(service => service.isWorking);
    cancelLook = clock.setTimeout(() => void look(), busy ? LOOK_MS.busy : LOOK_MS.idle);
  }

  async function compare(): Promise<void> {
    const time = clock.steady();
    let found: [SwarmNode[], SwarmService[], SwarmTask[]];
    try {
      found = await Promise.all([swarm.nodes(), swarm.services(), swarm.tasks()]);
    } catch (error) {
      const reason = (error as Error).message;
      // Once may be chance: applications would be refused for it.
      if (++failures < FAILURES) return;
      if (problem !== reason) logger.warn({ reason }, "the Swarm manager does not answer");
      problem = reason;
      nodes = nodes.map(node => ({ ...node, up: false, answers: false }));
      return;
    }
    if (closed) return;
    problem = undefined;
    failures = 0;
    nodes = namedNodes(found[0], nodes);
    const [, ours, tasks] = found;
    for (const [id, service] of services) service.look(seenOf(service.spec, id, ours, tasks), time);
    if (nodes.some(node => node.up)) await loseNodes();
    if (adopted) noteStrangers(ours);
  }

  function seenOf(spec: ContainerSpec, id: string, ours: SwarmService[], all: SwarmTask[]): Seen {
    const service = ours.find(({ Spec }) => containerId(Spec.Labels) === id);
    const tasks = all
      .filter(task => containerId(task.Spec.ContainerSpec?.Labels) === id)
      .sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1));
    const node = nodes.find(({ name }) => name === spec.node);
    return {
      service,
      tasks: tasks.filter(task => task.NodeID && answers(task.NodeID)),
      newest: tasks[0],
      isNodeDown: !node?.answers,
    };
  }

  function answers(id: string): boolean {
    return nodes.find(node => node.id === id)?.answers === true;
  }

  /** What was on a node that is away goes to another one. Swarm itself would leave it: see `RestartPolicy`. */
  async function loseNodes(): Promise<void> {
    for (const service of [...services.values()]) {
      const node = nodes.find(({ name }) => name === service.spec.node);
      if (!node || node.isAway) await service.lose(`node ${service.spec.node} is ${node?.state ?? "gone"}`);
    }
  }

  function noteStrangers(ours: SwarmService[]): void {
    const strangers = ours
      .filter(({ Spec }) => !services.has(containerId(Spec.Labels) ?? ""))
      .map(({ Spec }) => Spec.Name);
    for (const service of strangers.filter(name => !unknown.includes(name))) {
      logger.warn({ service }, "a service with this server's label is in none of its records");
    }
    unknown = strangers;
  }

  async function removeUnused(): Promise<void> {
    try {
      if ((await swarm.services()).length === 0) await swarm.removeNetwork();
    } catch (error) {
      logger.warn({ error: String(error) }, "the network of this server was not removed");
    }
  }

  function manage(spec: ContainerSpec): ManagedService {
    const around: SwarmSurroundings = {
      server,
      sizes,
      nodeId: name => nodes.find(node => node.name === name)?.id,
      addressOf: id => {
        const other = id === spec.id ? service : services.get(id);
        return nodes.find(node => node.name === other?.spec.node)?.address;
      },
    };
    const isCurrent = () => services.get(spec.id) === service;
    const service: ManagedService = new ManagedService(spec, {
      swarm,
      images,
      manager: { name: manager.name, engine },
      around,
      launches,
      readiness,
      defaults,
      clock,
      logger,
      report: event => {
        if (isCurrent() || event.type === "lost") report(event);
      },
      keepLogs: text => keptLogs.keep(spec.id, text),
      gone: () => {
        if (isCurrent()) services.delete(spec.id);
      },
      conflict: ports => {
        const node = nodes.find(({ name }) => name === service.spec.node);
        for (const port of ports) node?.takenPorts.add(port);
      },
      hurry: () => {
        if (!looking) schedule();
      },
      daemonRestarted: run => {
        const node = nodes.find(({ name }) => name === service.spec.node);
        return restarts.restartedUnder(node?.id ?? "", run);
      },
    });
    services.set(spec.id, service);
    return service;
  }

  function defaults({ image }: ContainerSpec, config: ImageConfig): ImageDefaults {
    return imageDefaults(config, ports =>
      logger.warn(
        { image: imageText(image), ports },
        "ports that an image declares are ignored: nobody can use them",
      ),
    );
  }

  function get(id: string): ManagedService {
    const service = services.get(id);
    if (!service) throw new Error(`no such container: ${id}`);
    return service;
  }

  return {
    simulated: false,
    placement: "spread",
    launching: "together",
    async image(image) {
      const config = await engine.image(imageText(image)).catch(() => undefined);
      return config && imageDefaults(config);
    },
    async launch(spec) {
      keptLogs.forget(spec.id);
      const known = services.get(spec.id);
      if (known) known.spec = spec;
      (known ?? manage(spec)).do("launch");
    },
    async start(spec) {
      const service = get(spec.id);
      service.spec = spec;
      service.do("start");
    },
    async stop(id) {
      get(id).do("stop");
    },
    async remove(id) {
      const service = services.get(id);
      if (service) service.do("remove");
      else report({ type: "removed", id });
    },
    logs: async id => (await services.get(id)?.logs()) ?? keptLogs.get(id),
    events(listener) {
      report = listener;
    },
    nodes: () => nodes,
    // A node's address is there for others too: nothing listens on it unless somebody says so (`apiUrl`).
    hostAddress: () => undefined,
    address: id => nodes.find(({ name }) => name === services.get(id)?.spec.node)?.address,
    async health() {
      const down = nodes.filter(node => !node.up).map(({ name }) => name);
      return {
        ok: problem === undefined && down.length === 0,
        message: [
          `${services.size} containers on ${nodes.length - down.length} of ${nodes.length} nodes`,
          ...(problem === undefined ? [] : [`the manager does not answer: ${problem}`]),
          ...(problem === undefined && down.length > 0 ? [`down: ${down.join(", ")}`] : []),
        ].join("; "),
        ...(unknown.length > 0 ? { unknown } : {}),
      };
    },
    async adopt(known) {
      const ours = await swarm.services();
      const all = known.filter(({ spec }) => !services.has(spec.id));
      const managed = all.map(({ spec, status }) => ({ service: manage(spec), status }));
      for (const { service, status } of managed) {
        service.takeOver(
          status,
          ours.find(({ Spec }) => containerId(Spec.Labels) === service.spec.id),
        );
      }
      adopted = true;
      await look();
    },
    async clear() {
      for (const service of services.values()) service.abandon();
      services.clear();
      await Promise.all((await swarm.services()).map(({ ID }) => swarm.remove(ID)));
      const ends = clock.steady() + REMOVED_WITHIN_MS;
      // Those on nodes that are away end when these are back.
      while (clock.steady() < ends && (await swarm.tasks()).some(task => answers(task.NodeID ?? ""))) {
        await new Promise<void>(resolve => clock.setTimeout(resolve, LOOK_MS.busy));
      }
      keptLogs.clear();
      unknown = [];
    },
    async close() {
      closed = true;
      report = () => {};
      cancelLook();
      restarts.close();
      for (const service of services.values()) service.abandon();
      await looking;
      await removeUnused();
    },
  };
}

/** By their host names, which people know; where two share one, with a part of their ids. */
function namedNodes(found: SwarmNode[], before: Node[]): Node[] {
  const label = ({ Description }: SwarmNode) =>
    Description.Hostname.toLowerCase().replace(/[^a-z0-9-]/g, "-");
  return found
    .map(node => {
      const { State } = node.Status;
      const { Availability } = node.Spec;
      const isTwice = found.filter(other => label(other) === label(node)).length > 1;
      const known = before.find(({ id }) => id === node.ID);
      const address = node.Status.Addr ?? "";
      return {
        id: node.ID,
        name: isTwice ? `${label(node)}-${node.ID.slice(0, 5)}` : label(node),
        state: Availability === "active" ? State : `${State}, ${Availability}`,
        up: State === "ready" && Availability === "active",
        answers: State === "ready",
        isAway: State === "down" || Availability === "drain",
        // A manager may not know its own.
        address:
          address === "0.0.0.0" || address === ""
            ? (node.ManagerStatus?.Addr?.replace(/:\d+$/, "") ?? "")
            : address,
        takenPorts: known?.takenPorts ?? new Set<number>(),
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

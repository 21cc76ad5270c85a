/**
 * Containers on Docker Engine, on one machine or on several. What the engines have is told by labels, so that a server
 * that was killed finds everything again, and never touches what is not its own.
 */
import { UserError } from "../../../../host/errors";
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type { Backend, BackendEvent, ContainerSpec } from "../../model/backend";
import { imageDefaults } from "../containers/image-defaults";
import { KeptLogs } from "../containers/kept-logs";
import { containerId } from "../containers/labels";
import { engineName } from "../containers/names";
import { DEFAULT_READINESS, type ReadinessTimes } from "../containers/readiness";
import { imageText } from "../containers/registry";
import type { SizeLimits } from "../containers/sizes";
import type { EngineAddress } from "./connection";
import { engineAddress, located, type NodeOptions } from "./endpoint";
import { Engine, type EngineEvent, type ListedContainer } from "./engine";
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
  const { server, clock, logger, sizes } = options;
  const readiness = { ...DEFAULT_READINESS, ...options.readiness };
  const containers = new Map<string, ManagedContainer>();
  const images = new Images({ idle: options.pullIdle, clock, logger });
  const keptLogs = new KeptLogs(clock);
  /** Names of what is labelled ours and has no record, by node: what was there at the last look. */
  const unknown = new Map<string, string[]>();
  const timers = new Set<() => void>();
  /** Before that nobody can be a stranger. */
  let adopted = false;
  let report: (event: BackendEvent) => void = () => {};

  const addresses = options.nodes.map(node => engineAddress(node.endpoint, process.env));
  const nodes = (await located(options.nodes)).map((node, index) => {
    const engine = new Engine(addresses[index] as EngineAddress);
    const listener = {
      identify,
      look,
      down: () => void timers.add(clock.setTimeout(loseNodes, NODE_LOST_MS)),
      event: (at: DockerNode, { action, labels }: EngineEvent) => {
        const container = containers.get(containerId(labels) ?? "");
        if (container?.node === at) container.noticed(action);
      },
    };
    return new DockerNode(node, engine, server, { clock, logger }, listener);
  });

  await Promise.all(nodes.map(node => node.connect()));
  if (!nodes.some(node => node.up)) {
    letGo();
    throw new UserError(
      `no Docker Engine answers: ${nodes.map(node => `${node.options.endpoint} (${node.problem})`).join(", ")}. Start it, or name it with DOCKER_HOST or --node`,
    );
  }

  function letGo(): void {
    for (const cancel of timers) cancel();
    for (const node of nodes) node.close();
  }

  function nodeOf(name: string): DockerNode {
    // Also one that the options no longer name: whatever was there can only be launched again elsewhere.
    return nodes.find(node => node.name === name) ?? (nodes.find(node => node.up) as DockerNode);
  }

  function manage(spec: ContainerSpec): ManagedContainer {
    const node = nodeOf(spec.node);
    const container = new ManagedContainer(spec, {
      node,
      images,
      logger,
      clock,
      readiness,
      around: {
        server,
        sizes,
        get bindTo() {
          return node.bindTo;
        },
        addressOf: id => (id === spec.id ? node : containers.get(id)?.node)?.reachedFrom(node),
        neighbour: id => {
          const other = containers.get(id);
          return other?.node === node ? engineName(server, other.spec.name) : undefined;
        },
      },
      report: event => {
        // Not when it was given to another node meanwhile.
        if (containers.get(spec.id) === container) report(event);
      },
      keepLogs: text => keptLogs.keep(spec.id, text),
      gone: () => {
        if (containers.get(spec.id) === container) containers.delete(spec.id);
      },
      leftover: async () =>
        (await node.engine.list(server)).find(({ Labels }) => containerId(Labels) === spec.id)?.Id,
    });
    containers.set(spec.id, container);
    return container;
  }

  function get(id: string): ManagedContainer {
    const container = containers.get(id);
    if (!container) throw new Error(`no such container: ${id}`);
    return container;
  }

  async function identify(node: DockerNode): Promise<void> {
    for (const { Id, Labels, Ports } of await node.engine.list(server)) {
      const container = containers.get(containerId(Labels) ?? "");
      const boundTo = [...new Set(Ports.flatMap(({ IP, PublicPort }) => (PublicPort && IP) || []))];
      if (container?.node === node) container.identify(Id, boundTo);
    }
  }

  /** Compares what the engine has with what is known. */
  async function look(node: DockerNode): Promise<void> {
    loseNodes();
    const found = await node.engine.list(server);
    const states = new Map(found.map(({ Labels, State }) => [containerId(Labels), State]));
    for (const container of containers.values()) {
      if (container.node === node) container.listed(states.get(container.spec.id));
    }
    if (adopted) await findStrangers(node, found);
  }

  /** What carries our label and is not known there: reported, and removed only when it is known to run elsewhere. */
  async function findStrangers(node: DockerNode, found: ListedContainer[]): Promise<void> {
    const before = unknown.get(node.name) ?? [];
    const strangers: string[] = [];
    for (const { Id, Labels, Names } of found) {
      const known = containers.get(containerId(Labels) ?? "");
      const container = Names[0]?.slice(1) ?? Id;
      if (known && known.node !== node) {
        logger.warn({ node: node.name, container }, "removing a container that was moved to another node");
        await node.engine.remove(Id);
      } else if (!known) strangers.push(container);
    }
    for (const container of strangers.filter(name => !before.includes(name))) {
      logger.warn(
        { node: node.name, container },
        "a container with this server's label is in none of its records",
      );
    }
    unknown.set(node.name, strangers);
  }

  /** When there are others to go to. */
  function loseNodes(): void {
    if (!nodes.some(node => node.up)) return;
    const lost = nodes.filter(node => !node.up && clock.steady() - node.downSince >= NODE_LOST_MS);
    for (const container of [...containers.values()].filter(({ node }) => lost.includes(node))) {
      void container.abandon();
      report({ type: "lost", id: container.spec.id, reason: `node ${container.node.name} does not answer` });
      containers.delete(container.spec.id);
    }
  }

  /** Containers whose outer ports are bound where nobody here reaches them: they are older than the server's move. */
  function unreached(): ManagedContainer[] {
    return [...containers.values()].filter(
      ({ node, boundTo = [] }) => node.up && boundTo.length > 0 && node.reachedAt(boundTo) === undefined,
    );
  }

  function warnOfUnreached(): void {
    for (const { name, options, isReachable } of nodes.filter(({ options }) => options.remote)) {
      if (isReachable) continue;
      const way = `--node ${name}=${options.endpoint},address=ADDRESS`;
      logger.warn(
        { node: name, way },
        "the ports of its containers are not reached from here: it has no address",
      );
    }
    const names = unreached().map(({ spec }) => spec.name);
    if (names.length > 0) logger.warn({ containers: names }, UNREACHED);
  }

  async function clearNode({ name, up, engine, launches }: DockerNode): Promise<void> {
    try {
      if (!up) throw new Error("it does not answer");
      const found = await engine.list(server);
      await Promise.all(found.map(({ Id }) => launches.run(() => engine.remove(Id))));
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`);
    }
  }

  async function removeUnused({ name, engine }: DockerNode): Promise<void> {
    try {
      if ((await engine.list(server)).length === 0) await engine.removeNetwork(server);
    } catch (error) {
      logger.warn({ node: name, error: String(error) }, "the network of this server was not removed");
    }
  }

  return {
    simulated: false,
    placement: "spread",
    launching: "together",
    async image(image) {
      for (const node of nodes.filter(({ up }) => up)) {
        const config = await node.engine.image(imageText(image)).catch(() => undefined);
        if (config) return imageDefaults(config);
      }
      return undefined;
    },
    async launch(spec) {
      const known = containers.get(spec.id);
      keptLogs.forget(spec.id);
      if (known && known.node === nodeOf(spec.node)) {
        known.spec = spec;
        known.do("launch");
      } else manage(spec).do("launch");
    },
    async start(spec) {
      const container = get(spec.id);
      container.spec = spec;
      container.do("start");
    },
    async stop(id) {
      get(id).do("stop");
    },
    async remove(id) {
      const container = containers.get(id);
      if (container) container.do("remove");
      else report({ type: "removed", id });
    },
    logs: async id => (await containers.get(id)?.logs()) ?? keptLogs.get(id),
    events(listener) {
      report = listener;
    },
    nodes: () => nodes,
    address: id => {
      const container = containers.get(id);
      return container?.node.reachedAt(container.boundTo);
    },
    hostAddress: () => {
      const [only, ...others] = nodes;
      return others.length === 0 && only?.options.address === undefined ? only?.gateway : undefined;
    },
    async health() {
      const down = nodes.filter(node => !node.up);
      const strangers = [...unknown.values()].flat();
      const far = unreached().map(({ spec }) => spec.name);
      return {
        ok: down.length === 0,
        message: [
          `${containers.size} containers on ${nodes.length - down.length} of ${nodes.length} engines`,
          ...down.map(node => `${node.name} does not answer: ${node.problem}`),
          ...(far.length > 0 ? [`${far.join(", ")}: ${UNREACHED}`] : []),
        ].join("; "),
        ...(strangers.length > 0 ? { unknown: strangers } : {}),
      };
    },
    async adopt(known) {
      const added = known.flatMap(({ spec, status }) =>
        containers.has(spec.id) ? [] : { container: manage(spec), status },
      );
      const up = nodes.filter(node => node.up);
      await Promise.all(up.map(identify));
      for (const { container, status } of added) container.takeOver(status);
      adopted = true;
      await Promise.all(up.map(look));
      warnOfUnreached();
    },
    async clear() {
      const all = [...containers.values()];
      containers.clear();
      await Promise.all(all.map(container => container.abandon()));
      const cleared = await Promise.allSettled(nodes.map(clearNode));
      keptLogs.clear();
      unknown.clear();
      const problems = cleared.flatMap(done => (done.status === "rejected" ? [done.reason.message] : []));
      if (problems.length > 0) throw new Error(problems.join("; "));
    },
    async close() {
      report = () => {};
      await Promise.all(nodes.filter(({ up }) => up).map(removeUnused));
      letGo();
    },
  };
}

/** What an engine has of one container: created, started, repaired and looked at. Errors are `EngineError`s. */
import type { ContainerSpec } from "../../model/backend";
import type { OuterPort } from "../../model/records";
import type { ContainerContext } from "../containers/container-context";
import { containerId } from "../containers/labels";
import { engineName } from "../containers/names";
import type { Address } from "../containers/port-probe";
import { tcpPorts } from "../containers/readiness";
import { type CreateContext, createOptions } from "./create-options";
import type { InspectedContainer } from "./engine";
import { EngineError, meaningOf, portsInUse } from "./engine-error";
import type { DockerNode } from "./node";

/** What the containers of all nodes share. */
export type DockerContext = ContainerContext<{ readonly spec: ContainerSpec; readonly node: DockerNode }>;

export class EngineContainer {
  /** The engine's id; undefined: there is nothing yet, or any more. */
  private id: string | undefined;
  /** Addresses its ports are bound to, as the engine says; undefined: not known yet. */
  boundTo: readonly string[] | undefined;

  constructor(
    private readonly container: string,
    private readonly node: DockerNode,
    private readonly context: Pick<DockerContext, "server" | "sizes" | "roster">,
  ) {}

  get isKnown(): boolean {
    return this.id !== undefined;
  }

  identify(id: string, boundTo: readonly string[]): void {
    this.id ??= id;
    if (boundTo.length > 0) this.boundTo ??= boundTo;
  }

  /** Also by its label alone. False: the engine has nothing of it. */
  async find(): Promise<boolean> {
    this.id ??= await this.labelled();
    return this.isKnown;
  }

  /** Undefined: it is gone. */
  async inspect(): Promise<InspectedContainer | undefined> {
    const seen = this.id === undefined ? undefined : await this.node.engine.inspect(this.id);
    const bindings = Object.values(seen?.HostConfig.PortBindings ?? {});
    if (seen) this.boundTo = bindings.flat().flatMap(binding => binding?.HostIp || "0.0.0.0");
    else this.id = undefined;
    return seen;
  }

  /**
   * Creates it unless it exists. What of an earlier start is in the way is removed, and tried once more.
   * Resolves with the outer ports that a new one could not have: then nothing of it is left.
   */
  async start(spec: ContainerSpec, isNew: boolean): Promise<number[] | undefined> {
    const id = this.id ?? (await this.create(spec));
    this.id = id;
    try {
      return await this.begin(id, spec, isNew);
    } catch (error) {
      const meaning = error instanceof EngineError ? meaningOf(error) : "silence";
      const isRepaired = meaning === "no network" || meaning === "leftover";
      // Of one that never ran nothing is lost: the next try is with another, whatever the failure left of this one.
      if (!isRepaired && !(meaning === "failure" && isNew)) throw error;
      await this.removeId(id);
      if (!isRepaired) throw error;
      await this.node.ensureNetwork();
      this.id = await this.create(spec);
      return this.begin(this.id, spec, isNew);
    }
  }

  async stop(): Promise<void> {
    if (this.id !== undefined) await this.node.engine.stop(this.id);
  }

  async remove(): Promise<void> {
    if (this.id !== undefined) await this.removeId(this.id);
  }

  async logs(): Promise<string> {
    return this.id === undefined ? "" : this.node.engine.logs(this.id);
  }

  /** Where its ports are asked whether they answer: in its own network, else where others reach it. */
  addresses(ports: readonly OuterPort[] | undefined, seen: InspectedContainer | undefined): Address[] {
    const { node } = this;
    if (!node.isHere) {
      const host = node.isReachable ? node.reachedAt(this.boundTo) : undefined;
      return host === undefined ? [] : tcpPorts(ports).map(({ outer_port: port }) => ({ host, port }));
    }
    const [network] = Object.values(seen?.NetworkSettings.Networks ?? {});
    const host = network?.IPAddress;
    return host ? tcpPorts(ports).map(({ inner_port: port }) => ({ host, port })) : [];
  }

  private async create(spec: ContainerSpec): Promise<string> {
    const options = createOptions(spec, this.createContext());
    try {
      return await this.node.engine.create(options);
    } catch (error) {
      if (!(error instanceof EngineError) || error.status !== 409) throw error;
      // What a server that was killed at the wrong moment left.
      const leftover = await this.labelled();
      if (leftover === undefined) throw error;
      await this.node.engine.remove(leftover);
      return this.node.engine.create(options);
    }
  }

  private async begin(id: string, spec: ContainerSpec, isNew: boolean): Promise<number[] | undefined> {
    try {
      await this.node.engine.start(id);
      return undefined;
    } catch (error) {
      const taken = isNew && error instanceof EngineError ? portsInUse(error) : undefined;
      if (!taken) throw error;
      await this.removeId(id);
      return taken.length > 0 ? taken : (spec.ports ?? []).map(port => port.outer_port);
    }
  }

  private async removeId(id: string): Promise<void> {
    await this.node.engine.remove(id);
    this.id = undefined;
  }

  /** What carries this container's label in the engine. */
  private async labelled(): Promise<string | undefined> {
    const found = await this.node.engine.list(this.context.server);
    return found.find(({ Labels }) => containerId(Labels) === this.container)?.Id;
  }

  private createContext(): CreateContext {
    const { container, node } = this;
    const { server, sizes, roster } = this.context;
    return {
      server,
      sizes,
      bindTo: node.bindTo,
      addressOf: id => (id === container ? node : roster.find(id)?.node)?.reachedFrom(node),
      neighbour: id => {
        const other = roster.find(id);
        return other?.node === node ? engineName(server, other.spec.name) : undefined;
      },
    };
  }
}

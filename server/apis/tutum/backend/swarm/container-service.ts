/** The service that a container is in a Swarm: made, changed, emptied and removed. Errors are `EngineError`s. */
import type { ContainerSpec } from "../../model/backend";
import { registryCredentials } from "../containers/registry";
import {
  displaced,
  type ServiceContext,
  type ServiceSpec,
  serviceSpec,
  withoutReplicas,
} from "./service-spec";
import type { SwarmContext } from "./swarm-context";

type Parts = Pick<SwarmContext, "server" | "sizes" | "swarm" | "nodes" | "roster">;

export class ContainerService {
  /** Undefined: there is none yet, or any more. */
  private id: string | undefined;

  constructor(private readonly context: Parts) {}

  /** As it was found in the Swarm. */
  identify(id: string | undefined): void {
    this.id = id;
  }

  /** A new task, whether or not there was one. Resolves with the ids of the tasks that there were. */
  async run(spec: ContainerSpec): Promise<ReadonlySet<string>> {
    const { swarm } = this.context;
    const credentials = registryCredentials(spec);
    // Also when someone removed it.
    const network = await swarm.network();
    const fresh = (run: number) => serviceSpec(spec, { run, network }, this.serviceContext(spec));
    const services = this.id ? [] : await swarm.services();
    this.id ??= services.find(({ Spec }) => Spec.Name === fresh(0).Name)?.ID;
    if (this.id) {
      const before = await this.tasks(this.id);
      const next = (old: ServiceSpec) => fresh((old.TaskTemplate.ForceUpdate ?? 0) + 1);
      if (await swarm.update(this.id, next, credentials)) return new Set(before);
    }
    this.id = await swarm.create(fresh(0), credentials);
    return new Set();
  }

  /** Stops what runs, and keeps its exit code and its logs. False: there is nothing. */
  async displace(): Promise<boolean> {
    return this.id !== undefined && (await this.context.swarm.update(this.id, displaced)) !== undefined;
  }

  /** Nothing that can't run waits for its turn any more. */
  async settle(): Promise<void> {
    if (this.id) await this.context.swarm.update(this.id, withoutReplicas);
  }

  async remove(): Promise<void> {
    if (this.id) await this.context.swarm.remove(this.id);
    this.id = undefined;
  }

  private async tasks(service: string): Promise<string[]> {
    const all = await this.context.swarm.tasks();
    return all.filter(task => task.ServiceID === service).map(task => task.ID);
  }

  private serviceContext(spec: ContainerSpec): ServiceContext {
    const { server, sizes, nodes, roster } = this.context;
    return {
      server,
      sizes,
      nodeId: name => nodes.named(name)?.id,
      addressOf: id => nodes.named((id === spec.id ? spec : roster.find(id)?.spec)?.node)?.address,
    };
  }
}

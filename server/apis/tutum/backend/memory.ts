/** Containers that exist in memory only. */
import type { Clock } from "../../../host/ports/clock";
import type {
  Backend,
  BackendEvent,
  BackendHealth,
  BackendNode,
  ContainerSpec,
  ContainerStatus,
  ImageDefaults,
  ImageReference,
  LaunchReason,
} from "../model/backend";
import { imageDefaults } from "./catalogue";
import { Roster } from "./roster";
import { SimulatedContainer, type SimulationContext, type Times } from "./simulated-container";

export const DEFAULT_TIMES: Times = { start: 1_500, stop: 800, scale: 1_500, terminate: 800, exit: 1_000 };

const NODES: readonly BackendNode[] = [
  "alpha",
  "beta",
  "gamma",
  "delta",
  "epsilon",
  "zeta",
  "eta",
  "theta",
].map(name => ({ name: `${name}-dev`, up: true, answers: true, takenPorts: new Set() }));

export function createMemoryBackend(clock: Clock, times: Times): Backend {
  return new MemoryBackend(clock, times);
}

class MemoryBackend implements Backend {
  readonly simulated = true;
  readonly placement = "fill";
  readonly launching = "in-turn";
  private readonly roster = new Roster<SimulatedContainer>();
  private readonly context: SimulationContext;

  constructor(
    private readonly clock: Clock,
    private readonly times: Times,
  ) {
    this.context = { clock, times, roster: this.roster };
  }

  async image({ name }: ImageReference): Promise<ImageDefaults> {
    return imageDefaults(name);
  }

  async launch(spec: ContainerSpec, reason: LaunchReason): Promise<void> {
    this.add(spec).start(reason === "scale" ? this.times.scale : this.times.start);
  }

  async start({ id }: ContainerSpec): Promise<void> {
    this.roster.get(id).start();
  }

  async stop(id: string): Promise<void> {
    this.roster.get(id).stop();
  }

  async remove(id: string): Promise<void> {
    const container = this.roster.find(id);
    if (container) container.remove();
    else this.clock.setTimeout(() => this.roster.report({ type: "removed", id }), 0);
  }

  async exit(id: string, code: number): Promise<void> {
    this.roster.get(id).exit(code);
  }

  async logs(id: string): Promise<string> {
    return this.roster.find(id)?.logs ?? "";
  }

  events(listener: (event: BackendEvent) => void): void {
    this.roster.listen(listener);
  }

  nodes(): readonly BackendNode[] {
    return NODES;
  }

  address(): undefined {
    return undefined;
  }

  hostAddress(): undefined {
    return undefined;
  }

  async health(): Promise<BackendHealth> {
    return { ok: true, message: `${this.roster.size} simulated containers` };
  }

  async adopt(known: { spec: ContainerSpec; status: ContainerStatus }[]): Promise<void> {
    for (const { spec, status } of known) this.add(spec).takeOver(status);
  }

  async clear(): Promise<void> {
    for (const container of this.roster.all) container.abandon();
    this.roster.clear();
  }

  async close(): Promise<void> {
    this.roster.listen(() => {});
    for (const container of this.roster.all) container.abandon();
  }

  private add(spec: ContainerSpec): SimulatedContainer {
    const container = new SimulatedContainer(spec, this.context);
    this.roster.add(container);
    return container;
  }
}

/** How many applications and containers there are in which state, for Prometheus. */
import { Gauge, type Registry } from "prom-client";
import type { Engine } from "./operations/engine";

export function addStateMetrics(registry: Registry, engine: Engine): void {
  const registers = [registry];
  new Gauge({
    name: "tutum_applications",
    help: "Applications by state",
    labelNames: ["state"],
    registers,
    collect() {
      this.reset();
      const counts = engine.read(world => world.applicationStates.counts());
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
  new Gauge({
    name: "tutum_containers",
    help: "Containers by state",
    labelNames: ["state"],
    registers,
    collect() {
      this.reset();
      const counts = engine.read(world => world.containerStates.counts());
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
}

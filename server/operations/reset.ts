import type { Engine } from "./engine";

/** Removes all applications at once, without their transitions; returns how many there were. */
export function resetEverything(engine: Engine): Promise<number> {
  return engine.change(tx => {
    const applications = [...tx.world.applications.keys()];
    for (const container of [...tx.world.containers.values()]) {
      if (container.state !== "Terminated" && container.phase !== "waiting") {
        tx.order({ kind: "remove", container: container.uuid });
      }
      tx.forget(container.uuid);
    }
    for (const uuid of applications) tx.forget(uuid);
    return applications.length;
  });
}

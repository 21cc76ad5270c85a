import type { Engine } from "./engine";

/** Removes all applications at once, without their transitions, and images; returns how many applications there were. */
export async function resetEverything(engine: Engine): Promise<number> {
  const removed = await engine.change(tx => {
    const applications = [...tx.world.applications.keys()];
    for (const container of [...tx.world.containers.values()]) {
      tx.forget(container.uuid);
    }
    for (const uuid of applications) tx.forget(uuid);
    for (const id of [...tx.world.account.keys()]) tx.forgetAccount(id);
    return applications.length;
  });
  await engine.backend.clear();
  return removed;
}

import { ApiError } from "../../../host/errors";
import type { Engine } from "./engine";

/**
 * Removes all applications at once, without their transitions, and images; returns how many applications there were.
 * When what runs the containers fails, the rest of them is found by its labels the next time.
 */
export async function resetEverything(engine: Engine): Promise<number> {
  const removed = await engine.renew(tx => {
    const applications = [...tx.world.applications.keys()];
    for (const container of [...tx.world.containers.values()]) {
      tx.forget(container.uuid);
    }
    for (const uuid of applications) tx.forget(uuid);
    for (const id of [...tx.world.account.keys()]) tx.forgetAccount(id);
    return applications.length;
  });
  try {
    await engine.backend.clear();
  } catch (error) {
    throw new ApiError(503, {
      error: `The applications are removed, but not all of their containers: ${(error as Error).message}. Reset again to remove the rest.`,
    });
  }
  return removed;
}

/**
 * autorestart, autoreplace and autodestroy: what happens to a container that stopped without being asked to.
 * Restarting is tried before replacing, both before destroying.
 */
import type { AutoPolicy } from "../../../../provider/tutum/client/types";
import { addContainers, removeContainer, startContainer } from "./lifecycle";
import type { ContainerRecord } from "./records";
import type { Transaction } from "./transaction";

/** Tries of the same container, and within which time. */
const RESTARTS = { times: 3, within: 60_000 };
/** Replacements in one application, and within which time. */
const REPLACEMENTS = { times: 3, within: 5 * 60_000 };

export function applyPolicies(tx: Transaction, container: ContainerRecord, code: number): void {
  const application = tx.world.applications.get(container.application);
  if (!application || application.state === "Terminating" || application.state === "Stopping") return;

  const restarted = recent(container.restartedAt, tx.steady, RESTARTS.within);
  if (applies(application.autorestart, code) && restarted.length < RESTARTS.times) {
    startContainer(tx, { ...container, restartedAt: [...restarted, tx.steady] });
    return;
  }
  const replaced = recent(application.replacedAt, tx.steady, REPLACEMENTS.within);
  if (applies(application.autoreplace, code) && replaced.length < REPLACEMENTS.times) {
    removeContainer(tx, container);
    addContainers(tx, { ...application, replacedAt: [...replaced, tx.steady] }, 1);
    return;
  }
  if (applies(application.autodestroy, code)) removeContainer(tx, container);
}

/**
 * A container that is gone without having exited: replaced or destroyed where the policies say so for failures, else
 * launched again under its name and ports, as long as that does not happen again and again.
 */
export function applyLoss(tx: Transaction, container: ContainerRecord, reason: string): void {
  const application = tx.world.applications.get(container.application);
  if (!application || application.state === "Terminating" || application.state === "Stopping") return;

  const replaced = recent(application.replacedAt, tx.steady, REPLACEMENTS.within);
  if (application.autoreplace !== "OFF" && replaced.length < REPLACEMENTS.times) {
    removeContainer(tx, container);
    addContainers(tx, { ...application, replacedAt: [...replaced, tx.steady] }, 1);
    return;
  }
  if (application.autodestroy !== "OFF") {
    removeContainer(tx, container);
    return;
  }
  const restarted = recent(container.restartedAt, tx.steady, REPLACEMENTS.within);
  if (restarted.length < RESTARTS.times) {
    tx.putContainer({ ...container, state: "Starting", restartedAt: [...restarted, tx.steady] });
  } else {
    tx.putContainer({ ...container, state: "Stopped with errors", message: reason, stoppedAt: tx.now });
  }
}

function applies(policy: AutoPolicy, code: number): boolean {
  return policy === "ALWAYS" || (policy === "ON_FAILURE" && code !== 0);
}

function recent(times: readonly number[], now: number, within: number): number[] {
  return times.filter(time => now - time < within);
}

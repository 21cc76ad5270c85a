/**
 * autorestart, autoreplace and autodestroy: what happens to a container that stopped without being asked to.
 * Restarting is tried before replacing, both before destroying.
 */
import type { AutoPolicy } from "../../provider/tutum/client/types";
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

  const restarted = recent(container.restartedAt, tx.now, RESTARTS.within);
  if (applies(application.autorestart, code) && restarted.length < RESTARTS.times) {
    startContainer(tx, { ...container, restartedAt: [...restarted, tx.now] });
    return;
  }
  const replaced = recent(application.replacedAt, tx.now, REPLACEMENTS.within);
  if (applies(application.autoreplace, code) && replaced.length < REPLACEMENTS.times) {
    removeContainer(tx, container);
    addContainers(tx, { ...application, replacedAt: [...replaced, tx.now] }, 1);
    return;
  }
  if (applies(application.autodestroy, code)) removeContainer(tx, container);
}

function applies(policy: AutoPolicy, code: number): boolean {
  return policy === "ALWAYS" || (policy === "ON_FAILURE" && code !== 0);
}

function recent(times: readonly number[], now: number, within: number): number[] {
  return times.filter(time => now - time < within);
}

/** What the model makes of the backend's events. An event that does not fit the container's state is stale: ignored. */
import type { BackendEvent } from "../backend/backend";
import { launchNext, settle } from "./lifecycle";
import { applyPolicies } from "./policies";
import type { ContainerRecord } from "./records";
import type { Transaction } from "./transaction";

export function applyEvent(tx: Transaction, event: BackendEvent): void {
  const container = tx.world.containers.get(event.id);
  if (!container) return;
  if (event.type === "running") becameRunning(tx, container);
  else if (event.type === "start-failed") failedToStart(tx, container);
  else if (event.type === "exited") exited(tx, container, event.code);
  else removed(tx, container);
  launchNext(tx, container.application);
  settle(tx, container.application);
}

function becameRunning(tx: Transaction, container: ContainerRecord): void {
  if (container.state !== "Starting") return;
  const redeployed = tx.world.applications.get(container.application)?.state === "Redeploying";
  const deployedAt = redeployed ? tx.now : (container.deployedAt ?? tx.now);
  tx.putContainer({ ...container, state: "Running", deployedAt, startedAt: tx.now });
}

function failedToStart(tx: Transaction, container: ContainerRecord): void {
  if (container.state === "Starting") tx.putContainer({ ...container, state: "Start failed" });
}

function exited(tx: Transaction, container: ContainerRecord, code: number): void {
  const asked = container.state === "Stopping";
  if (!asked && container.state !== "Running" && container.state !== "Starting") return;
  const stopped = tx.putContainer({
    ...container,
    // A process that was told to stop may end with 143 or 137: that is no error.
    state: asked || code === 0 ? "Stopped" : "Stopped with errors",
    exitCode: code,
    stoppedAt: tx.now,
  });
  if (!asked) applyPolicies(tx, stopped, code);
}

function removed(tx: Transaction, container: ContainerRecord): void {
  if (container.state === "Terminated") return;
  if (container.phase === "relaunching") tx.putContainer({ ...container, phase: "waiting" });
  else tx.putContainer({ ...container, state: "Terminated", destroyedAt: tx.now });
}

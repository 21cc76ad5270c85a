/** What the model makes of the backend's events. An event that does not fit the container's state is stale: ignored. */
import type { BackendEvent, ImageDefaults } from "./backend";
import { launchWaiting, settle, startContainer } from "./lifecycle";
import { newPorts } from "./placement";
import { applyLoss, applyPolicies } from "./policies";
import type { ApplicationRecord, ContainerRecord } from "./records";
import type { Transaction } from "./transaction";

export function applyEvent(tx: Transaction, event: BackendEvent): void {
  const container = tx.world.containers.get(event.id);
  const application = container && tx.world.applications.get(container.application);
  if (!container || !application) return;
  apply(tx, application, container, event);
  launchWaiting(tx, application.uuid);
  settle(tx, application.uuid);
}

function apply(
  tx: Transaction,
  application: ApplicationRecord,
  container: ContainerRecord,
  event: BackendEvent,
): void {
  if (event.type === "removed") removed(tx, container);
  else if (event.type === "lost") lost(tx, container, event.reason);
  // Whatever it still does, it is being removed to be launched again.
  else if (container.phase === "relaunching") return;
  else if (event.type === "running") becameRunning(tx, container);
  else if (event.type === "waiting") waits(tx, container, event.message);
  else if (event.type === "image") imageKnown(tx, application, container, event.defaults);
  else if (event.type === "ports-taken") portsTaken(tx, application, container, event.ports);
  else if (event.type === "start-failed") failedToStart(tx, container, event.reason);
  else if (event.type === "exited") exited(tx, container, event.code, event.message);
  else interrupted(tx, application, container);
}

/** Also one at rest, when somebody started it by other means. */
function becameRunning(tx: Transaction, container: ContainerRecord): void {
  if (container.state !== "Starting" && !atRest(container)) return;
  const redeployed = tx.world.applications.get(container.application)?.state === "Redeploying";
  const deployedAt = redeployed ? tx.now : (container.deployedAt ?? tx.now);
  const { message: _, waitsFor: __, ...record } = container;
  tx.putContainer({ ...record, state: "Running", deployedAt, startedAt: tx.now });
}

/** Shown as long as it is so. */
function waits(tx: Transaction, container: ContainerRecord, message: string): void {
  if (container.state === "Starting") tx.putContainer({ ...container, waitsFor: message });
}

/** All containers of the application wait for this: now they get their ports, and can be launched. */
function imageKnown(
  tx: Transaction,
  application: ApplicationRecord,
  container: ContainerRecord,
  defaults: ImageDefaults,
): void {
  if (application.undetermined) {
    const { undetermined: _, fromImage = [], ...record } = application;
    const ports = fromImage.includes("ports") ? defaults.ports : record.ports;
    tx.putApplication({
      ...record,
      fromImage,
      ports,
      runCommand: fromImage.includes("runCommand") ? defaults.run_command : record.runCommand,
      entrypoint: fromImage.includes("entrypoint") ? defaults.entrypoint : record.entrypoint,
    });
    for (const waiting of tx.world.containersOf(application.uuid)) {
      const outer = newPorts(tx, waiting, ports);
      if (outer) tx.putContainer({ ...waiting, ports: outer });
      else failedToStart(tx, waiting, `node ${waiting.node} has not enough free ports`);
    }
  }
  const now = tx.world.containers.get(container.uuid);
  if (now?.state === "Starting") tx.putContainer({ ...now, phase: "waiting" });
}

/** Before anyone was told its ports, it can have others. */
function portsTaken(
  tx: Transaction,
  application: ApplicationRecord,
  container: ContainerRecord,
  taken: number[],
): void {
  if (container.state !== "Starting") return;
  const ports = container.deployedAt === null ? newPorts(tx, container, application.ports) : undefined;
  if (ports) tx.putContainer({ ...container, ports, phase: "waiting" });
  else {
    const reason = `outer port ${taken.join(", ")} is in use by another program on node ${container.node}`;
    tx.putContainer({ ...container, state: "Start failed", phase: "waiting", message: reason });
  }
}

function failedToStart(tx: Transaction, container: ContainerRecord, message: string): void {
  if (container.state === "Starting") tx.putContainer({ ...container, state: "Start failed", message });
}

function exited(tx: Transaction, container: ContainerRecord, code: number, message?: string): void {
  const asked = container.state === "Stopping";
  if (!asked && container.state !== "Running" && container.state !== "Starting") return;
  // It ended before it counted as running: it was started all the same.
  const since = container.state === "Starting" ? tx.now : container.startedAt;
  const stopped = tx.putContainer({
    ...container,
    deployedAt: container.deployedAt ?? since,
    startedAt: since,
    // A process that was told to stop may end with 143 or 137: that is no error.
    state: asked || code === 0 ? "Stopped" : "Stopped with errors",
    exitCode: code,
    message,
    stoppedAt: tx.now,
  });
  if (!asked) applyPolicies(tx, stopped, code);
}

/** Whatever its policies: it did not end of itself. */
function interrupted(tx: Transaction, application: ApplicationRecord, container: ContainerRecord): void {
  if (container.state !== "Running" && container.state !== "Starting" && !atRest(container)) return;
  startContainer(tx, container);
  if (application.state === "Stopped" || application.state === "Stopped with errors") {
    tx.putApplication({ ...application, state: "Starting" });
  }
}

/** The backend has nothing of it any more: it can only be launched again. */
function lost(tx: Transaction, container: ContainerRecord, reason: string): void {
  if (container.state === "Terminating" || container.phase === "relaunching") {
    removed(tx, container);
    return;
  }
  if (container.state === "Terminated") return;
  const waiting = tx.putContainer({ ...container, phase: "waiting", waitsFor: undefined });
  if (container.state === "Stopping") {
    tx.putContainer({ ...waiting, state: "Stopped", stoppedAt: tx.now });
  } else if (container.state === "Running" || container.state === "Starting") {
    applyLoss(tx, waiting, reason);
  }
}

function removed(tx: Transaction, container: ContainerRecord): void {
  if (container.state === "Terminated") return;
  const { phase, state } = container;
  if (phase === "relaunching" && state === "Stopping") {
    tx.putContainer({ ...container, phase: "waiting", state: "Stopped", stoppedAt: tx.now });
  } else if (phase === "relaunching") tx.putContainer({ ...container, phase: "waiting" });
  else tx.putContainer({ ...container, state: "Terminated", destroyedAt: tx.now });
}

function atRest({ state }: ContainerRecord): boolean {
  return state === "Stopped" || state === "Stopped with errors";
}

/**
 * How applications and their containers move through their states. Containers that are launched one after another find
 * those before them in their environment, as the documents' samples show.
 */
import type { ApplicationState, ContainerState } from "../../../../provider/tutum/client/types";
import { launchProblem } from "./link-weight";
import { launchVariables } from "./links";
import { findPlace, onLivingNode } from "./placement";
import type { ApplicationRecord, ContainerRecord } from "./records";
import type { Transaction } from "./transaction";

const MOVING: readonly ContainerState[] = ["Starting", "Stopping", "Terminating"];
const RUNNING: readonly ApplicationState[] = ["Running", "Partly running", "Scaling"];

/** New containers, `Starting` but not launched yet: `launchWaiting` does that. */
export function addContainers(
  tx: Transaction,
  application: ApplicationRecord,
  count: number,
): ApplicationRecord {
  for (let added = 0; added < count; added++) {
    const number = application.nextNumber + added;
    tx.putContainer({
      uuid: tx.random.uuid(),
      application: application.uuid,
      number,
      uniqueName: `${application.uniqueName}-${number}`,
      ...findPlace(tx, application),
      state: "Starting",
      phase: "waiting",
      exitCode: null,
      envvars: null,
      restartedAt: [],
      deployedAt: null,
      startedAt: null,
      stoppedAt: null,
      destroyedAt: null,
    });
  }
  return tx.putApplication({ ...application, nextNumber: application.nextNumber + count });
}

/** Launches the application's waiting containers: all of them, or the next one unless one is on its way already. */
export function launchWaiting(tx: Transaction, uuid: string): void {
  const application = tx.world.applications.get(uuid);
  if (!application) return;
  const starting = tx.world.containersOf(uuid).filter(container => container.state === "Starting");
  const waiting = starting.filter(container => container.phase === "waiting");
  // Of those whose image nobody knows yet, one is enough to learn of it.
  const inTurn =
    tx.settings.places.launching === "in-turn" || application.sequential || application.undetermined;
  if (!inTurn) for (const container of waiting) launch(tx, application, container);
  else if (!starting.some(container => container.phase === "launched")) {
    waiting.some(container => launch(tx, application, container));
  }
}

/** False when it cannot be launched. */
function launch(tx: Transaction, application: ApplicationRecord, waiting: ContainerRecord): boolean {
  const next = onLivingNode(tx, waiting);
  const { naming, credentials } = tx.settings;
  const message = launchProblem(tx.world, application, next, naming);
  if (message !== undefined) {
    tx.putContainer({ ...next, state: "Start failed", message });
    tx.order({ kind: "settle", application: application.uuid });
    return false;
  }
  const envvars = launchVariables(tx.world, application, next, naming, credentials);
  tx.putContainer({ ...next, phase: "launched", envvars });
  tx.order({
    kind: "launch",
    container: next.uuid,
    reason: application.state === "Scaling" ? "scale" : "deploy",
  });
  return true;
}

/** What a deployment ends in, at once: all its containers run. */
export function deployAtOnce(tx: Transaction, application: ApplicationRecord): ApplicationRecord {
  const { naming, credentials } = tx.settings;
  for (const container of tx.world.containersOf(application.uuid)) {
    const envvars = launchVariables(tx.world, application, container, naming, credentials);
    const since = { deployedAt: tx.now, startedAt: tx.now };
    tx.putContainer({ ...container, ...since, state: "Running", phase: "launched", envvars });
    tx.order({ kind: "adopt", container: container.uuid });
  }
  return tx.putApplication({ ...application, state: "Running", deployedAt: tx.now, startedAt: tx.now });
}

export function startContainer(tx: Transaction, container: ContainerRecord): ContainerRecord {
  // One that was stopped before its turn came still waits to be launched.
  if (container.phase !== "waiting") tx.order({ kind: "start", container: container.uuid });
  return tx.putContainer({ ...container, state: "Starting", waitsFor: undefined });
}

export function stopContainer(tx: Transaction, container: ContainerRecord): ContainerRecord {
  if (container.phase === "waiting") {
    tx.order({ kind: "settle", application: container.application });
    return tx.putContainer({ ...container, state: "Stopped" });
  }
  // It is being removed already, and stopped when that is done.
  if (container.phase === "relaunching") return tx.putContainer({ ...container, state: "Stopping" });
  tx.order({ kind: "stop", container: container.uuid });
  return tx.putContainer({ ...container, state: "Stopping" });
}

export function removeContainer(tx: Transaction, container: ContainerRecord): ContainerRecord {
  if (container.phase === "waiting") {
    tx.order({ kind: "settle", application: container.application });
    return tx.putContainer({ ...container, state: "Terminated", destroyedAt: tx.now });
  }
  tx.order({ kind: "remove", container: container.uuid });
  return tx.putContainer({ ...container, state: "Terminating", phase: "launched" });
}

/** Removes the container from the backend, to launch it again with the same name and ports but without its data. */
export function relaunchContainer(tx: Transaction, container: ContainerRecord): ContainerRecord {
  if (container.phase === "waiting") return tx.putContainer({ ...container, state: "Starting" });
  tx.order({ kind: "remove", container: container.uuid });
  return tx.putContainer({ ...container, state: "Starting", phase: "relaunching", waitsFor: undefined });
}

/** When none of its containers is moving any more, the application's state is what they add up to. */
export function settle(tx: Transaction, uuid: string): void {
  const application = tx.world.applications.get(uuid);
  if (!application || application.state === "Terminated") return;
  const states = tx.world.containersOf(uuid).map(container => container.state);
  if (states.some(state => MOVING.includes(state))) return;
  const state = settledState(application, states);
  if (state === application.state) return;
  const runs = RUNNING.includes(state);
  const starts = runs && !RUNNING.includes(application.state);
  const deploys = runs && (application.deployedAt === null || application.state === "Redeploying");
  const stops = state === "Stopped" || state === "Stopped with errors";
  tx.putApplication({
    ...application,
    state,
    deployedAt: deploys ? tx.now : application.deployedAt,
    startedAt: starts ? tx.now : application.startedAt,
    stoppedAt: stops ? tx.now : application.stoppedAt,
    destroyedAt: state === "Terminated" ? tx.now : null,
  });
}

function settledState(application: ApplicationRecord, states: ContainerState[]): ApplicationState {
  if (states.length === 0) return application.state === "Terminating" ? "Terminated" : "Not running";
  const running = states.filter(state => state === "Running").length;
  if (running === states.length) return "Running";
  if (running > 0) return "Partly running";
  if (states.includes("Start failed")) return "Start failed";
  return states.includes("Stopped with errors") ? "Stopped with errors" : "Stopped";
}

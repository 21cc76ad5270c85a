/** What each container endpoint does; every answer to a change shows the transitional state already. */
import type {
  Container,
  ContainerState,
  ContainerSummary,
  Page,
} from "../../../../provider/tutum/client/types";
import { ApiError } from "../../../host/errors";
import { badState, notFound } from "../errors";
import { containerDetails, containerSummary } from "../model/container-view";
import { launchWaiting, removeContainer, startContainer, stopContainer } from "../model/lifecycle";
import type { ApplicationRecord, ContainerRecord } from "../model/records";
import type { Settings } from "../model/settings";
import { APPLICATION_STATES, CONTAINER_STATES } from "../model/states";
import type { Transaction } from "../model/transaction";
import type { World } from "../model/world";
import type { Engine } from "./engine";
import { checkParameters, checkState, type Found, page, type Query } from "./lists";
import { CONTAINER_FILTERS, PAGING_PARAMETERS } from "./parameters";
import { expectSeen } from "./sight";
import { containerUnderway } from "./underway";

const RESTS: readonly ContainerState[] = ["Stopped", "Stopped with errors", "Start failed"];

/** States in which each action is possible. */
const POSSIBLE = {
  start: RESTS,
  stop: ["Running"],
  terminate: ["Running", ...RESTS],
  exit: ["Running"],
} satisfies Record<string, readonly ContainerState[]>;

export async function listContainers(engine: Engine, query: Query): Promise<Page<ContainerSummary>> {
  const { settings } = engine;
  checkParameters(query, [...PAGING_PARAMETERS, ...CONTAINER_FILTERS]);
  checkState(query, "state", CONTAINER_STATES);
  checkState(query, "application__state", APPLICATION_STATES);
  return engine.readStored(world =>
    page("/api/v1/container/", query, filterContainers(world, query), container => {
      expectSeen(settings, container);
      return containerSummary(applicationOf(world, container), container, settings.naming);
    }),
  );
}

export function getContainer(engine: Engine, uuid: string): Promise<Container> {
  const { settings } = engine;
  return engine.readStored(world => {
    const container = find(world, uuid);
    expectSeen(settings, container);
    return containerDetails(world, applicationOf(world, container), container, settings.naming);
  });
}

export function startOneContainer(engine: Engine, uuid: string): Promise<Container> {
  return engine.change(tx =>
    launchAndDescribe(tx, startContainer(tx, requireState(tx.world, tx.settings, uuid, "start"))),
  );
}

export function stopOneContainer(engine: Engine, uuid: string): Promise<Container> {
  return engine.change(tx =>
    launchAndDescribe(tx, stopContainer(tx, requireState(tx.world, tx.settings, uuid, "stop"))),
  );
}

/** The application scales down with it, and will not replace it. */
export function terminateContainer(engine: Engine, uuid: string): Promise<Container> {
  return engine.change(tx => {
    const container = removeContainer(tx, requireState(tx.world, tx.settings, uuid, "terminate"));
    const application = applicationOf(tx.world, container);
    tx.putApplication({ ...application, target: Math.max(0, application.target - 1) });
    return launchAndDescribe(tx, container);
  });
}

/** Its process dies of itself: the policies apply. Answered when the model knows. */
export async function exitContainer(engine: Engine, uuid: string, code: number): Promise<Container> {
  engine.read(world => requireState(world, engine.settings, uuid, "exit"));
  if (!engine.backend.exit) {
    throw new ApiError(501, { error: "Only simulated containers can be told to exit." });
  }
  await engine.backend.exit(uuid, code);
  await engine.idle();
  return getContainer(engine, uuid);
}

function filterContainers(world: World, query: Query): Found<ContainerRecord> {
  const filtered = CONTAINER_FILTERS.some(key => query[key] !== undefined);
  if (!filtered) return world.containers;
  return candidates(world, query).filter(container =>
    matches(applicationOf(world, container), container, query),
  );
}

/** By the filter that leaves the fewest. */
function candidates(world: World, query: Query): ContainerRecord[] {
  const { uuid, application__uuid, application__name, application__unique_name, state } = query;
  if (uuid !== undefined) return [world.containers.get(uuid)].flatMap(found => found ?? []);
  if (application__uuid !== undefined) return world.allContainersOf(application__uuid);
  if (application__unique_name !== undefined) {
    return ofApplications(world, world.applicationsWithUniqueName(application__unique_name));
  }
  if (application__name !== undefined)
    return ofApplications(world, world.applicationsNamed(application__name));
  const inState = state === undefined ? undefined : world.containerStates.in(state);
  if (inState) return inState.flatMap(id => world.containers.get(id) ?? []);
  return [...world.containers.values()];
}

function matches(application: ApplicationRecord, container: ContainerRecord, query: Query): boolean {
  const equal = (parameter: string, value: string) =>
    query[parameter] === undefined || query[parameter] === value;
  const starts = (parameter: string, value: string) => value.startsWith(query[parameter] ?? "");
  return (
    starts("uuid__startswith", container.uuid) &&
    equal("uuid", container.uuid) &&
    // The documents filter by "name", and their example passes a unique name.
    (equal("name", application.name) || equal("name", container.uniqueName)) &&
    equal("unique_name", container.uniqueName) &&
    equal("state", container.state) &&
    equal("application__uuid", application.uuid) &&
    starts("application__uuid__startswith", application.uuid) &&
    equal("application__name", application.name) &&
    equal("application__unique_name", application.uniqueName) &&
    equal("application__state", application.state)
  );
}

function ofApplications(world: World, applications: ApplicationRecord[]): ContainerRecord[] {
  return applications.flatMap(application => world.allContainersOf(application.uuid));
}

function find(world: World, uuid: string): ContainerRecord {
  const container = world.containers.get(uuid);
  if (!container) throw notFound();
  return container;
}

function applicationOf(world: World, container: ContainerRecord): ApplicationRecord {
  const application = world.applications.get(container.application);
  if (!application) throw notFound();
  return application;
}

function requireState(
  world: World,
  settings: Settings,
  uuid: string,
  action: keyof typeof POSSIBLE,
): ContainerRecord {
  const container = find(world, uuid);
  const states: readonly string[] = [...POSSIBLE[action], ...containerUnderway(settings, action)];
  if (states.includes(container.state)) return container;
  throw badState(
    `Cannot ${action} container "${container.uniqueName}": it is ${container.state}. That is possible when it is ${states.join(", ")}.`,
  );
}

function launchAndDescribe(tx: Transaction, container: ContainerRecord): Container {
  const application = applicationOf(tx.world, container);
  launchWaiting(tx, application.uuid);
  return containerDetails(tx.world, application, container, tx.settings.naming);
}

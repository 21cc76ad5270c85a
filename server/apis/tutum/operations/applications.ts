/** What each application endpoint does; every answer to a change shows the transitional state already. */
import type {
  Application,
  ApplicationState,
  ApplicationSummary,
  Page,
} from "../../../../provider/tutum/client/types";
import { badState, invalidFields, notFound } from "../errors";
import { applicationDetails, applicationSummary } from "../model/application-view";
import type { ImageDefaults } from "../model/backend";
import {
  addContainers,
  launchWaiting,
  relaunchContainer,
  removeContainer,
  startContainer,
  stopContainer,
} from "../model/lifecycle";
import { linkProblem } from "../model/link-weight";
import type { ApplicationRecord } from "../model/records";
import { APPLICATION_STATES } from "../model/states";
import type { Transaction } from "../model/transaction";
import type { World } from "../model/world";
import {
  type ApplicationChanges,
  imageIn,
  readApplicationChanges,
  readNewApplication,
} from "./application-input";
import type { Engine } from "./engine";
import { checkParameters, checkState, type Found, page, type Query } from "./lists";
import { APPLICATION_FILTERS, PAGING_PARAMETERS } from "./parameters";
import { readTag } from "./redeploy-input";
import { createOnce } from "./repeated-create";
import { expectSeen } from "./sight";
import { underway } from "./underway";

const RUNS: readonly ApplicationState[] = ["Running", "Partly running"];
const RESTS: readonly ApplicationState[] = ["Stopped", "Stopped with errors", "Start failed"];
const EMPTY: readonly ApplicationState[] = ["Init", "Not running"];

/** States in which each action is possible. */
const POSSIBLE = {
  start: [...EMPTY, ...RESTS, "Partly running"],
  stop: RUNS,
  scale: [...EMPTY, ...RUNS, ...RESTS],
  redeploy: [...RUNS, ...RESTS],
  terminate: [...EMPTY, ...RUNS, ...RESTS],
} satisfies Record<string, readonly ApplicationState[]>;

export async function listApplications(engine: Engine, query: Query): Promise<Page<ApplicationSummary>> {
  const { settings } = engine;
  checkParameters(query, [...PAGING_PARAMETERS, ...APPLICATION_FILTERS]);
  checkState(query, "state", APPLICATION_STATES);
  return engine.readStored(world =>
    page("/api/v1/application/", query, filterApplications(world, query), application => {
      const shown = applicationSummary(world, application, settings.naming);
      expectSeen(settings, shown);
      return shown;
    }),
  );
}

export function getApplication(engine: Engine, uuid: string): Promise<Application> {
  const { settings } = engine;
  return engine.readStored(world => {
    const shown = applicationDetails(world, find(world, uuid), settings.naming);
    expectSeen(settings, shown);
    return shown;
  });
}

/** With an idempotency key, a repetition is answered like the first one and creates nothing. */
export async function createApplication(
  engine: Engine,
  body: unknown,
  idempotencyKey?: string,
): Promise<Application> {
  const defaults = await defaultsFor(engine, body);
  return engine.change(tx =>
    createOnce(tx, idempotencyKey, body, () => launchAndDescribe(tx, addApplication(tx, body, defaults))),
  );
}

/** What the image in the body says of itself, as far as that is known before it is fetched. */
export async function defaultsFor(engine: Engine, body: unknown): Promise<ImageDefaults | undefined> {
  const image = imageIn(body);
  return image && engine.backend.image(image);
}

/** A new application with containers that wait to be launched. */
export function addApplication(
  tx: Transaction,
  body: unknown,
  defaults: ImageDefaults | undefined,
): ApplicationRecord {
  const { limits } = tx.settings;
  if (tx.world.applications.size >= limits.applications) {
    throw badState(`There are ${limits.applications} applications already, and no more are allowed.`);
  }
  const { target, ...input } = readNewApplication(body, defaults, tx.world, limits);
  const application: ApplicationRecord = {
    ...input,
    uuid: tx.random.uuid(),
    uniqueName: tx.world.uniqueNameFor(input.name),
    target,
    state: "Starting",
    nextNumber: 1,
    replacedAt: [],
    deployedAt: null,
    startedAt: null,
    stoppedAt: null,
    destroyedAt: null,
  };
  const added = addContainers(tx, application, target);
  const problem = linkProblem(tx.world, added, tx.settings.naming);
  if (problem === undefined) return added;
  const field = added.links.length > 0 ? "linked_to_application" : "target_num_containers";
  throw invalidFields("application", { [field]: [problem] });
}

export function updateApplication(engine: Engine, uuid: string, body: unknown): Promise<Application> {
  return engine.change(tx => {
    const application = find(tx.world, uuid);
    const ports = application.undetermined ? undefined : application.ports;
    const changes = readApplicationChanges(body, ports, tx.settings.limits);
    if (application.state === "Terminating" || application.state === "Terminated") {
      throw badState(impossible(application, "update", []));
    }
    if (changes.target !== undefined) requireState(tx, application, "scale");
    return launchAndDescribe(tx, scale(tx, applyChanges(tx, application, changes), changes.target));
  });
}

export function startApplication(engine: Engine, uuid: string): Promise<Application> {
  return engine.change(tx => {
    const application = requireState(tx, find(tx.world, uuid), "start");
    for (const container of tx.world.containersOf(uuid)) {
      if (container.state !== "Running" && container.state !== "Terminating") startContainer(tx, container);
    }
    const starting = tx.putApplication({ ...application, state: "Starting" });
    if (!EMPTY.includes(application.state)) return launchAndDescribe(tx, starting);
    const target = Math.max(application.target, 1);
    return launchAndDescribe(tx, addContainers(tx, { ...starting, target }, target));
  });
}

export function stopApplication(engine: Engine, uuid: string): Promise<Application> {
  return engine.change(tx => {
    const application = requireState(tx, find(tx.world, uuid), "stop");
    for (const container of tx.world.containersOf(uuid)) {
      if (container.state === "Running" || container.state === "Starting") stopContainer(tx, container);
    }
    return launchAndDescribe(tx, tx.putApplication({ ...application, state: "Stopping" }));
  });
}

/** Containers keep their names and ports, and lose their data. */
export function redeployApplication(engine: Engine, uuid: string, body: unknown): Promise<Application> {
  return engine.change(tx => {
    const application = find(tx.world, uuid);
    const tag = readTag(body) ?? application.image.tag;
    requireState(tx, application, "redeploy");
    for (const container of tx.world.containersOf(uuid)) {
      if (container.state !== "Terminating") relaunchContainer(tx, container);
    }
    const image = { ...application.image, tag };
    return launchAndDescribe(tx, tx.putApplication({ ...application, image, state: "Redeploying" }));
  });
}

export function terminateApplication(engine: Engine, uuid: string): Promise<Application> {
  return engine.change(tx => {
    const application = requireState(tx, find(tx.world, uuid), "terminate");
    for (const container of tx.world.containersOf(uuid)) {
      if (container.state !== "Terminating") removeContainer(tx, container);
    }
    tx.order({ kind: "settle", application: uuid });
    return launchAndDescribe(tx, tx.putApplication({ ...application, state: "Terminating" }));
  });
}

function filterApplications(world: World, query: Query): Found<ApplicationRecord> {
  const { uuid, uuid__startswith, name, unique_name, state } = query;
  if ([uuid, uuid__startswith, name, unique_name, state].every(filter => filter === undefined)) {
    return world.applications;
  }
  return candidates(world, query).filter(
    application =>
      (uuid__startswith === undefined || application.uuid.startsWith(uuid__startswith)) &&
      (name === undefined || application.name === name) &&
      (unique_name === undefined || application.uniqueName === unique_name) &&
      (state === undefined || application.state === state),
  );
}

/** By the filter that leaves the fewest. */
function candidates(world: World, { uuid, unique_name, name, state }: Query): ApplicationRecord[] {
  if (uuid !== undefined) return [world.applications.get(uuid)].flatMap(found => found ?? []);
  if (unique_name !== undefined) return world.applicationsWithUniqueName(unique_name);
  if (name !== undefined) return world.applicationsNamed(name);
  const inState = state === undefined ? undefined : world.applicationStates.in(state);
  if (inState) return inState.flatMap(id => world.applications.get(id) ?? []);
  return [...world.applications.values()];
}

function applyChanges(
  tx: Transaction,
  application: ApplicationRecord,
  changes: ApplicationChanges,
): ApplicationRecord {
  const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const changed = Object.entries(set).some(
    ([key, value]) => application[key as keyof ApplicationChanges] !== value,
  );
  return changed ? tx.putApplication({ ...application, ...set }) : application;
}

/** Adds containers, or removes the newest ones, until there are `target`. */
function scale(
  tx: Transaction,
  application: ApplicationRecord,
  target: number | undefined,
): ApplicationRecord {
  if (target === undefined) return application;
  const living = tx.world
    .containersOf(application.uuid)
    .filter(container => container.state !== "Terminating");
  const missing = target - living.length;
  if (missing === 0) return application;
  if (missing > 0) {
    const scaled = addContainers(tx, { ...application, state: "Scaling" }, missing);
    refuseTooHeavy(tx, scaled);
    return scaled;
  }
  for (const container of living.slice(target)) removeContainer(tx, container);
  return tx.putApplication({ ...application, state: "Scaling" });
}

/** More containers are more variables, for itself and for those linked to it. */
function refuseTooHeavy(tx: Transaction, scaled: ApplicationRecord): void {
  const fail = (message: string) => invalidFields("application", { target_num_containers: [message] });
  const { naming } = tx.settings;
  const own = linkProblem(tx.world, scaled, naming);
  if (own !== undefined) throw fail(own);
  for (const source of tx.world.linkingTo(scaled.uuid)) {
    const problem = linkProblem(tx.world, source, naming);
    if (problem !== undefined) throw fail(`For "${source.uniqueName}", which links to it: ${problem}`);
  }
}

function find(world: World, uuid: string): ApplicationRecord {
  const application = world.applications.get(uuid);
  if (!application) throw notFound();
  return application;
}

function requireState(
  tx: Transaction,
  application: ApplicationRecord,
  action: keyof typeof POSSIBLE,
): ApplicationRecord {
  const states: readonly string[] = [...POSSIBLE[action], ...underway(tx.settings, action)];
  if (!states.includes(application.state)) throw badState(impossible(application, action, states));
  return application;
}

function impossible(application: ApplicationRecord, action: string, states: readonly string[]): string {
  const when = states.length > 0 ? ` That is possible when it is ${states.join(", ")}.` : "";
  return `Cannot ${action} application "${application.uniqueName}": it is ${application.state}.${when}`;
}

/** The answer; launches what now waits to be launched. */
function launchAndDescribe(tx: Transaction, application: ApplicationRecord): Application {
  launchWaiting(tx, application.uuid);
  return applicationDetails(tx.world, application, tx.settings.naming);
}

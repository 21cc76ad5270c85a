/**
 * What link variables weigh, told without making them. They multiply - links, times their containers, times ports and
 * variables - so that a short request could ask for more than any memory holds.
 */
import { containerDns, environmentPrefix, type Naming } from "./names";
import type { ApplicationRecord, ContainerRecord, Envvar } from "./records";
import type { World } from "./world";

/** Characters of all names and values that links and siblings bring to one container. */
export const MAX_OF_CONTAINER = 1024 * 1024;
/** And to all containers of one application. */
export const MAX_OF_APPLICATION = 16 * 1024 * 1024;

export interface LinkWeight {
  /** Of the container that has most. */
  heaviest: number;
  /** Of all its containers. */
  total: number;
}

/** As if every container that is not being removed were running. */
export function linkWeight(world: World, application: ApplicationRecord, naming: Naming): LinkWeight {
  const counts = ({ state }: ContainerRecord) => state !== "Terminating";
  const linked = linkedWeight(world, application, naming, counts);
  const own = world.containersOf(application.uuid).filter(counts);
  const siblings = weightOf(own.slice(0, -1), naming);
  // Each has those before it: on average half of them.
  return { heaviest: linked + siblings, total: own.length * (linked + siblings / 2) };
}

/** Why the application cannot be as it is now; undefined when it can. */
export function linkProblem(
  world: World,
  application: ApplicationRecord,
  naming: Naming,
): string | undefined {
  const { heaviest, total } = linkWeight(world, application, naming);
  if (heaviest > MAX_OF_CONTAINER) return tooMuch("each container", heaviest, MAX_OF_CONTAINER);
  if (total > MAX_OF_APPLICATION) return tooMuch("all its containers", total, MAX_OF_APPLICATION);
  return undefined;
}

/** Why this container cannot be launched now: its image, say, turned out to have very many ports. */
export function launchProblem(
  world: World,
  application: ApplicationRecord,
  container: ContainerRecord,
  naming: Naming,
): string | undefined {
  const runs = ({ state }: ContainerRecord) => state === "Running";
  const siblings = world
    .containersOf(application.uuid)
    .filter(other => runs(other) && other.number < container.number);
  const weight = linkedWeight(world, application, naming, runs) + weightOf(siblings, naming);
  return weight > MAX_OF_CONTAINER ? tooMuch("it", weight, MAX_OF_CONTAINER) : undefined;
}

function tooMuch(whose: string, weight: number, most: number): string {
  const about = weight === Number.POSITIVE_INFINITY ? "more" : `about ${Math.ceil(weight)} characters`;
  return `The link variables of ${whose} would take ${about}, and at most ${most} are possible: link to fewer applications, or to such with fewer containers, ports and variables.`;
}

function linkedWeight(
  world: World,
  application: ApplicationRecord,
  naming: Naming,
  counts: (container: ContainerRecord) => boolean,
): number {
  let weight = 0;
  for (const { to, alias } of application.links) {
    const target = world.applications.get(to);
    if (!target) continue;
    const containers = world.containersOf(to).filter(counts);
    weight += API_URL + environmentPrefix(alias ?? target.uniqueName).length;
    if (alias === undefined) weight += weightOf(containers, naming);
    else {
      // Each under its number, and the first one without.
      const prefix = alias.length;
      const first = containers.slice(0, 1);
      weight += weightOf(containers, naming, prefix + NUMBER) + weightOf(first, naming, prefix);
      weight += (containers.length + first.length) * environmentWeight(target.envvars, prefix + NUMBER);
    }
    // Far beyond any limit: no need to look at the rest.
    if (weight > 100 * MAX_OF_APPLICATION) return Number.POSITIVE_INFINITY;
  }
  return weight;
}

/** `_123456` behind an alias. */
const NUMBER = 7;
/** `_TUTUM_API_URL` and its value. */
const API_URL = 200;

/** What `containerVariables` makes of them. */
function weightOf(containers: readonly ContainerRecord[], naming: Naming, prefix?: number): number {
  let weight = 0;
  for (const container of containers) {
    const host = containerDns(container, naming).length;
    const start = prefix ?? container.uniqueName.length;
    if (container.ports.length > 0) weight += start + host + 20;
    for (const { inner_port, protocol } of container.ports) {
      const name = start + `_PORT_${inner_port}_${protocol}`.length;
      weight += 4 * name + "_ADDR_PORT_PROTO".length + 2 * host + 25;
    }
  }
  return weight;
}

const weights = new WeakMap<readonly Envvar[], number>();

/** What a link with an alias copies of the target's own variables. */
function environmentWeight(envvars: readonly Envvar[], prefix: number): number {
  let known = weights.get(envvars);
  if (known === undefined) {
    known = envvars.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    weights.set(envvars, known);
  }
  return known + envvars.length * (prefix + "_ENV_".length);
}

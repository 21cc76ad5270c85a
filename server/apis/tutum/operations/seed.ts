/**
 * A seed: applications that are simply there, running, before anybody asks for them. By name, with the fields of the
 * API's create; links name other applications of the seed, or such as exist already:
 *
 *     {"applications": {
 *       "db":  {"image": "tutum/mysql", "container_envvars": [{"key": "MYSQL_PASS", "value": "x"}]},
 *       "web": {"image": "tutum/wordpress", "linked_to_application": ["db", {"to_application": "db", "name": "mysql"}]}
 *     }}
 */

import { ApiError } from "../../../host/errors";
import type { ImageDefaults } from "../model/backend";
import { deployAtOnce } from "../model/lifecycle";
import { linkWeight } from "../model/link-weight";
import { applicationUri } from "../model/names";
import type { Transaction } from "../model/transaction";
import { addApplication, defaultsFor } from "./applications";
import type { Engine } from "./engine";
import { kindOf, show } from "./field-reader";
import { describeCircle, linkOrder } from "./link-order";

/** What a seed file holds. */
export interface Seed {
  applications: Record<string, Record<string, unknown>>;
}

/** Names of applications: those made, and those left alone because one of that name existed. */
export interface Seeded {
  created: string[];
  kept: string[];
}

type Fields = Record<string, unknown>;

/** Of the link variables of all that is seeded: it is stored as one change. */
const MAX_WEIGHT = 64 * 1024 * 1024;

/** All of it, or nothing when anything is wrong. Seeding twice changes nothing. */
export async function seed(engine: Engine, body: unknown): Promise<Seeded> {
  const applications = readSeed(body);
  if (!engine.backend.simulated) {
    throw new ApiError(501, { error: "Only simulated containers can simply be there: create real ones." });
  }
  const defaults = new Map<string, ImageDefaults | undefined>();
  for (const [name, fields] of applications) defaults.set(name, await defaultsFor(engine, fields));
  return engine.change(tx => {
    const seeded: Seeded = { created: [], kept: [] };
    let weight = 0;
    for (const name of inOrderOfLinks(applications)) {
      if (tx.world.applicationsWithUniqueName(name).length > 0) {
        seeded.kept.push(name);
        continue;
      }
      const added = addNamed(tx, name, applications.get(name) ?? {}, defaults.get(name));
      weight += linkWeight(tx.world, added, tx.settings.naming).total;
      if (weight > MAX_WEIGHT)
        throw invalid(`The link variables of all take more than ${MAX_WEIGHT} characters.`);
      deployAtOnce(tx, added);
      seeded.created.push(name);
    }
    return seeded;
  });
}

function addNamed(tx: Transaction, name: string, fields: Fields, defaults: ImageDefaults | undefined) {
  const links = fields.linked_to_application;
  const linked = Array.isArray(links)
    ? { linked_to_application: links.map(link => withUri(tx, link)) }
    : undefined;
  try {
    return addApplication(tx, { ...fields, ...linked, name }, defaults);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    const { application: problem = error.body } = (error.body ?? {}) as Fields;
    throw new ApiError(400, { seed: { [name]: problem } });
  }
}

function readSeed(body: unknown): Map<string, Fields> {
  const applications = isObject(body) ? body.applications : undefined;
  if (!isObject(applications)) {
    throw invalid('"applications" must be an object: names, each with the fields of a new application.');
  }
  return new Map(
    Object.entries(applications).map(([name, fields]) => {
      if (!isObject(fields)) throw invalid(`"${name}": ${kindOf(fields)} is not an object.`);
      if (fields.name !== undefined && fields.name !== name) {
        throw invalid(`"${name}": its name is ${show(fields.name)} inside.`);
      }
      return [name, fields];
    }),
  );
}

/** Targets before those that link to them, so that their variables exist. */
function inOrderOfLinks(applications: Map<string, Fields>): string[] {
  const targetsOf = (name: string) => {
    const links = applications.get(name)?.linked_to_application;
    const targets: unknown[] = Array.isArray(links) ? links.map(targetOf) : [];
    return targets.filter(
      (target): target is string => typeof target === "string" && applications.has(target),
    );
  };
  return linkOrder(applications.keys(), targetsOf, circle => {
    throw invalid(`the links go in ${describeCircle(circle)}.`);
  });
}

/** A name that nobody has stays as it is: the API's own message tells. */
function withUri(tx: Transaction, link: unknown): unknown {
  const target = targetOf(link);
  const application = typeof target === "string" ? tx.world.applicationsWithUniqueName(target)[0] : undefined;
  if (!application) return link;
  const uri = applicationUri(application.uuid);
  return isObject(link) ? { ...link, to_application: uri } : uri;
}

function targetOf(link: unknown): unknown {
  return isObject(link) ? link.to_application : link;
}

function invalid(message: string): ApiError {
  return new ApiError(400, { seed: message });
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

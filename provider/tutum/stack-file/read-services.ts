/** Reads the applications that the text of a stack file declares. */
import { dependencyOrder, describeCircle } from "../../resource/dependency-order";
import { sentence } from "../../resource/sentence";
import { nearest, suggest } from "../../resource/table/schema";
import { deriveLinks } from "./derived-links";
import { ExternalApplication } from "./external-application";
import { keysOf } from "./key";
import { COMPOSE_KEYS, type ComposeFile, SERVICE_KEYS } from "./keys";
import { inOrder, type Problem } from "./problems";
import { enabled } from "./profiles";
import { type Link, Service } from "./service";
import { Source, type SourceOptions } from "./source";
import { type Entry, Value } from "./value";

/** Arguments of each application by name, as `ApplicationStack` takes them but for `Text`s and `ExternalApplication`s. */
export type Declarations = Record<string, Record<string, unknown>>;

export interface Services extends ComposeFile {
  applications: Declarations;
  /** Warnings and notes, in order. */
  problems: Problem[];
  /** The variables of the `.env` next to a Compose file. */
  dotenv: ReadonlyMap<string, string>;
}

/** @throws {StackFileError} that lists all errors. */
export function readServices(text: string, options: SourceOptions): Services {
  const source = new Source(text, options);
  const file: ComposeFile = {};
  const top = new Value(source, source.document.contents, "");
  const entries = source.isCompose ? servicesBelow(top, file) : servicesAt(top);
  const { services: meant, leftOut } = source.isCompose
    ? enabled(entries, source)
    : { services: entries, leftOut: new Map<string, string>() };
  if (meant.length === 0 && leftOut.size > 0)
    top.error(
      `has no service that is enabled: enable one by COMPOSE_PROFILES=${[...leftOut.values()][0]?.split(", ")[0]}.`,
    );
  const services = meant.map(readService);
  const reader = new References(services, leftOut);
  reader.refuseCircles();
  if (source.isCompose) deriveLinks(services, top);
  const applications = new Map(services.map(service => [service.name, reader.declared(service)]));
  noteDotenv(source);
  source.throwIfWrong();
  return {
    ...file,
    applications: Object.fromEntries(applications),
    problems: inOrder(source.problems),
    dotenv: source.dotenv,
  };
}

/** Tutum's stack file. */
function servicesAt(top: Value): Entry[] {
  const entries = top.isNull ? [] : top.entries();
  if (entries.length === 0 && (top.isMap || top.isNull)) top.error("declares no service.");
  return entries;
}

/** A Compose file. */
function servicesBelow(top: Value, file: ComposeFile): Entry[] {
  keysOf(top, COMPOSE_KEYS, file, "a Compose file");
  const services = top.entries().find(({ key }) => key === "services")?.value;
  const entries = services && !services.isNull ? services.entries() : [];
  if (entries.length === 0 && (services === undefined || services.isMap || services.isNull))
    (services ?? top).error("declares no service.");
  return entries;
}

function readService({ key, at, value }: Entry): Service {
  const service = new Service(key, at, value.isMap ? value : at);
  if (!value.isMap) {
    at.error("must be a mapping with the key image at least.");
    return service;
  }
  if (!value.has("image") && !value.has("build")) at.error("has no image.");
  keysOf(value, SERVICE_KEYS, service, "a service");
  return service;
}

/** Notes the variables of the file that come from `.env`. */
function noteDotenv(source: Source): void {
  const { dotenv, referenced, options, problems } = source;
  const { env, given = [] } = options;
  const names = [...dotenv.keys()].filter(
    name => referenced.has(name) && !Object.hasOwn(env, name) && !given.includes(name),
  );
  if (names.length === 0) return;
  problems.push({
    severity: "note",
    file: source.dotenvFile,
    line: 1,
    column: 1,
    path: "",
    message: `is read, as Compose does: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} from there.`,
    source: "",
  });
}

/** References between services. */
class References {
  constructor(
    readonly services: readonly Service[],
    /** Services that are left out, with their profiles. */
    readonly leftOut: ReadonlyMap<string, string>,
  ) {}

  /** Adds an error where a link closes a circle. A link of a service to itself has another error. */
  refuseCircles(): void {
    const byName = new Map(this.services.map(service => [service.name, service]));
    const needs = (service: Service) => [...service.links, ...service.dependsOn];
    const needsOf = (service: Service) => {
      const targets = needs(service).map(({ service: target }) => byName.get(target));
      return new Set(targets.filter(target => target !== undefined).filter(target => target !== service));
    };
    dependencyOrder(this.services, needsOf, circle => {
      const [from, to] = circle.slice(-2) as [Service, Service];
      const words = sentence(`closes ${describeCircle(circle.map(({ name }) => name))}`);
      for (const { service, place } of needs(from)) if (service === to.name) place.error(words);
    });
  }

  declared(service: Service): Record<string, unknown> {
    const explicit = service.links.flatMap((link, n) => this.#explicit(service, link, n));
    const derived = service.derived.map(link => this.#shown(link));
    const links = [...explicit, ...derived];
    const linked = new Set([...service.links, ...service.derived].map(link => link.service));
    const dependsOn = service.dependsOn
      .filter(({ service: name, place, required }) => {
        if (required === false && this.leftOut.has(name)) return false;
        return this.#neighbour(name, service, place) && !linked.has(name);
      })
      .map(({ service: target }) => target);
    return {
      ...service.args(),
      ...(links.length > 0 && { links }),
      ...(dependsOn.length > 0 && { dependsOn: [...new Set(dependsOn)] }),
    };
  }

  #explicit(service: Service, link: Link, n: number): unknown[] {
    const { service: target, alias, place } = link;
    if (this.#isExternal(target)) {
      service.addExternalLink(
        new ExternalApplication(target, place.shown, service.account),
        alias ?? target,
        place,
      );
      return [];
    }
    if (!this.#neighbour(target, service, place)) return [];
    const same = service.links
      .slice(0, n)
      .find(other => other.service === target || prefix(other) === prefix(link));
    if (!same) return [this.#shown(link)];
    place.error(`repeats the link ${same.place.path}: a service or an alias can be linked once.`);
    return [];
  }

  /** As `ApplicationStack` takes it. */
  #shown({ service: target, alias = target }: Link): string | { application: string; name: string } {
    const found = this.services.find(({ name }) => name === target);
    return alias === found?.applicationName ? target : { application: target, name: alias };
  }

  /** A name similar to a service's is taken for a misspelling. */
  #isExternal(target: string): boolean {
    const names = [...this.services.map(({ name }) => name), ...this.leftOut.keys()];
    return !names.includes(target) && nearest(target, names) === undefined;
  }

  #neighbour(target: string, service: Service, place: Value): Service | undefined {
    if (target === service.name) return place.error("is the service itself.");
    const found = this.services.find(({ name }) => name === target);
    if (found) return found;
    const profiles = this.leftOut.get(target);
    if (profiles !== undefined)
      return place.error(
        `names ${target}, which is left out: enable its profile by COMPOSE_PROFILES=${profiles.split(", ")[0]}, or remove this.`,
      );
    const others = this.services.map(({ name }) => name).filter(name => name !== service.name);
    const hint = others.length > 0 ? suggest(target, others) : "";
    const words = sentence(`names no service of this file, ${JSON.stringify(target)}${hint}`);
    return place.error(`${words} (To link to an application outside this file, use its uuid.)`);
  }
}

/** Link variables begin with it. */
function prefix({ service, alias = service }: Link): string {
  return alias.toUpperCase().replaceAll("-", "_");
}

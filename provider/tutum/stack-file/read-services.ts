/** Text of a stack file in, the applications that it declares out. */
import { nearest, suggest } from "../../resource/schema";
import { Elsewhere } from "./elsewhere";
import { COMPOSE_KEYS, keysOf, SERVICE_KEYS } from "./keys";
import type { Problem } from "./problems";
import { Service } from "./service";
import { Source, type SourceOptions } from "./source";
import { type Entry, Value } from "./value";

/** Arguments of each application by name, as `ApplicationStack` takes them but for `Text`s and `Elsewhere`s. */
export type Declarations = Record<string, Record<string, unknown>>;

/** @throws {StackFileError} that lists everything that is wrong. */
export function readServices(
  text: string,
  options: SourceOptions,
): { applications: Declarations; warnings: Problem[] } {
  const source = new Source(text, options);
  const services = servicesOf(new Value(source, source.document.contents, "")).map(({ key, at, value }) => {
    const service = new Service(key, value.isMap ? value : at);
    if (!value.isMap) at.error(`must be a mapping with the key image at least.`);
    else {
      if (!value.has("image") && !value.has("build")) at.error("has no image.");
      keysOf(value, SERVICE_KEYS, service);
    }
    return service;
  });
  const applications = new Map(services.map(service => [service.name, declared(service, services)]));
  refuseCircles(services);
  source.throwIfWrong();
  return { applications: Object.fromEntries(applications), warnings: source.problems };
}

/** Where a link closes a circle. That of a service to itself is told elsewhere. */
function refuseCircles(services: readonly Service[]): void {
  const done = new Set<string>();
  const visit = (service: Service, path: readonly string[]) => {
    for (const { service: target, place } of [...service.links, ...service.dependsOn]) {
      const begin = path.indexOf(target);
      const next = services.find(({ name }) => name === target);
      if (begin >= 0 && target !== service.name)
        place.error(`closes a circle, ${[...path.slice(begin), target].join(" -> ")}: one has to be first.`);
      else if (next && begin < 0 && !done.has(target)) visit(next, [...path, target]);
    }
    done.add(service.name);
  };
  for (const service of services) if (!done.has(service.name)) visit(service, [service.name]);
}

/** At the top of Tutum's stack file, below `services` in a Compose file. */
function servicesOf(top: Value): Entry[] {
  const entries = top.isNull ? [] : top.entries();
  const services = entries.find(({ key }) => key === "services")?.value;
  const version = entries.find(({ key }) => key === "version")?.value;
  const isCompose = version?.isScalar || (services && !services.has("image"));
  if (!isCompose) {
    if (entries.length === 0 && (top.isMap || top.isNull)) top.error("declares no service.");
    return entries;
  }
  for (const { key, at, value } of entries) {
    const read = Object.hasOwn(COMPOSE_KEYS, key) ? COMPOSE_KEYS[key] : undefined;
    if (read) read(value, at);
    else if (!key.startsWith("x-"))
      at.error(`is not a key of a Compose file${suggest(key, Object.keys(COMPOSE_KEYS))}.`);
  }
  const declared = services && !services.isNull ? services.entries() : [];
  if (declared.length === 0 && (services === undefined || services.isMap || services.isNull))
    (services ?? top).error("declares no service.");
  return declared;
}

function declared(service: Service, all: readonly Service[]): Record<string, unknown> {
  const links = service.links.flatMap(({ service: target, alias, place }, n) => {
    if (isElsewhere(target, all)) {
      service.addOutsider(new Elsewhere(target, place.shown, service.account), alias ?? target, place);
      return [];
    }
    const found = neighbour(target, service, all, place);
    if (!found) return [];
    const name = alias ?? target;
    const same = service.links
      .slice(0, n)
      .find(other => other.service === target || prefix(other) === prefix({ service: target, alias }));
    if (same)
      return (
        place.error(`repeats the link ${same.place.path}: a link's service and alias are there once.`) ?? []
      );
    return [name === found.applicationName ? target : { application: target, name }];
  });
  const linked = new Set(service.links.map(link => link.service));
  const dependsOn = service.dependsOn
    .filter(({ service: target, place }) => neighbour(target, service, all, place) && !linked.has(target))
    .map(({ service: target }) => target);
  return {
    ...service.args(),
    ...(links.length > 0 && { links }),
    ...(dependsOn.length > 0 && { dependsOn: [...new Set(dependsOn)] }),
  };
}

/** Link variables begin with it. */
function prefix({ service, alias = service }: { service: string; alias?: string }): string {
  return alias.toUpperCase().replaceAll("-", "_");
}

/** Not when it is nearly the name of a service. */
function isElsewhere(target: string, all: readonly Service[]): boolean {
  const names = all.map(({ name }) => name);
  return !names.includes(target) && nearest(target, names) === undefined;
}

function neighbour(
  target: string,
  service: Service,
  all: readonly Service[],
  place: Value,
): Service | undefined {
  const found = all.find(({ name }) => name === target);
  if (target === service.name) return place.error("is the service itself.");
  if (found) return found;
  const others = all.map(({ name }) => name).filter(name => name !== service.name);
  const hint = others.length > 0 ? suggest(target, others) : "";
  return place.error(
    `names no service of this file, ${JSON.stringify(target)}${hint}${hint.endsWith("?") ? "" : "."} (One of elsewhere is named by its uuid.)`,
  );
}

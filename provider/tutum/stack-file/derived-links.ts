/**
 * Links of a Compose file that nobody wrote: there services of one network reach one another by name, here an
 * application reaches those that it is linked to. So each is linked to those that it names.
 */
import { circleWords } from "../../resource/dependency-order";
import { sentence } from "../../resource/sentence";
import { suggest } from "../../resource/table/schema";
import { hostsOfCommand, hostsOfVariable } from "./host-names";
import { aliasProblem } from "./references";
import type { Service } from "./service";
import type { Value } from "./value";

/** A service that another one names. */
interface Mention {
  target: Service;
  /** The name that is used for it, and has to lead to it. */
  host: string;
  certain: boolean;
  place: Value;
  /** `DB_HOST`, `command`. */
  by: string;
}

/** Gives each service its `derived` links, and says so. `all` are without those whose profile is not enabled. */
export function deriveLinks(all: readonly Service[], file: Value): void {
  const order = new Order(all);
  for (const service of all) checkUnlinked(service, all);
  const mentions = all.map(service => ({ service, found: mentionsOf(service, all) }));
  // What is certain goes first: of two that close a circle, the other one is told.
  for (const certain of [true, false])
    for (const { service, found } of mentions)
      for (const mention of found) if (mention.certain === certain) derive(service, mention, order);
  for (const { service } of mentions) linkDependencies(service, all);
  if (file.source.isWrong) return;
  for (const { service, found } of mentions) if (service.derived.length > 0) sayLinks(service, found);
  sayAlone(all, file);
}

function derive(service: Service, mention: Mention, order: Order): void {
  const { target, host, place, certain } = mention;
  const link = [...service.links, ...service.derived].find(({ service: name }) => name === target.name);
  if (link) {
    const alias = link.alias ?? link.service;
    if (certain && !isSame(alias, host))
      place.error(
        `names ${host}, and ${target.name} is linked as ${alias} (${link.place.path}): it has one name, write ${alias}.`,
      );
    return;
  }
  if (!shareNetwork(service, target)) {
    if (certain) place.warn(`names ${host}, with which it has no network: it reaches nothing by that name.`);
    return;
  }
  const invalid = aliasProblem(host);
  if (invalid) {
    if (certain) place.error(`names ${host}, which no link can be called: it ${invalid}. Rename it.`);
    return;
  }
  const path = order.path(target.name, service.name);
  if (!path) {
    order.add(service.name, target.name);
    service.derived.push({ service: target.name, alias: host, place });
    return;
  }
  const circle = circleWords([service.name, ...path]);
  const way = `x-tutum: { unlinked: [${target.name}] } in ${service.name}`;
  if (certain) {
    place.error(
      `names ${host}, and a link to it would close ${circle}. Leave this one out by ` +
        `${way}, and give the address by which ${target.name} is reached from outside.`,
    );
  } else {
    place.warn(`may name ${host} as a host: it is not linked to it, since that would close ${circle}.`);
  }
}

/** Those that it depends on and names nowhere else are linked by their own names. */
function linkDependencies(service: Service, all: readonly Service[]): void {
  for (const { service: name, place, isJob } of service.dependsOn) {
    const target = all.find(other => other.name === name);
    const isLinked = [...service.links, ...service.derived].some(link => link.service === name);
    if (!target || target === service || isJob || isLinked || service.unlinked.has(name)) continue;
    if (shareNetwork(service, target)) service.derived.push({ service: name, alias: name, place });
  }
}

function mentionsOf(service: Service, all: readonly Service[]): Mention[] {
  const names = namesFor(service, all);
  return service.texts.flatMap(({ text, variable, place }) => {
    const hosts = variable === undefined ? hostsOfCommand(text) : hostsOfVariable(variable, text);
    return hosts.flatMap(({ host, certain }) => {
      const name = names.get(host.toLowerCase());
      if (!name || name.target === service || service.unlinked.has(name.target.name)) return [];
      return [
        { target: name.target, host: name.spelled, certain, place, by: variable ?? lastKey(place.path) },
      ];
    });
  });
}

/** Every name of every service, those on a common network first. */
function namesFor(
  service: Service,
  all: readonly Service[],
): Map<string, { target: Service; spelled: string }> {
  const names = new Map<string, { target: Service; spelled: string }>();
  const near = all.filter(other => shareNetwork(service, other));
  for (const target of [...near, ...all]) {
    const aliases = [...target.networks].flatMap(([network, aliases]) =>
      service.networks.has(network) ? aliases : [],
    );
    for (const spelled of [target.name, target.applicationName, ...aliases])
      if (!names.has(spelled.toLowerCase())) names.set(spelled.toLowerCase(), { target, spelled });
  }
  return names;
}

function shareNetwork(one: Service, other: Service): boolean {
  return [...one.networks.keys()].some(network => other.networks.has(network));
}

/** Who comes after whom. */
class Order {
  readonly #before = new Map<string, Set<string>>();

  constructor(services: readonly Service[]) {
    for (const { name, links, dependsOn } of services)
      for (const { service: target } of [...links, ...dependsOn]) this.add(name, target);
  }

  add(later: string, earlier: string): void {
    const before = this.#before.get(later) ?? new Set();
    this.#before.set(later, before.add(earlier));
  }

  /** From one over those that have to be before it to another, or undefined. */
  path(from: string, to: string, seen: ReadonlySet<string> = new Set()): string[] | undefined {
    if (from === to) return [from];
    for (const next of this.#before.get(from) ?? []) {
      if (seen.has(next)) continue;
      const path = this.path(next, to, new Set([...seen, from]));
      if (path) return [from, ...path];
    }
    return undefined;
  }
}

/** `x-tutum: { unlinked: [db] }` has to name services. */
function checkUnlinked(service: Service, all: readonly Service[]): void {
  const names = all.map(({ name }) => name);
  for (const [name, place] of service.unlinked)
    if (!names.includes(name)) place.error(sentence(`names no service of this file${suggest(name, names)}`));
}

function sayLinks(service: Service, found: readonly Mention[]): void {
  const links = service.derived.map(({ service: name, alias }) => {
    const by = found.filter(mention => mention.host === alias).map(mention => mention.by);
    if (service.dependsOn.some(dependency => dependency.service === name)) by.push("depends_on");
    return `${name}${alias === name ? "" : ` as ${alias}`} (${[...new Set(by)].join(", ")})`;
  });
  service.at.note(`is linked to what it names: ${links.join(", ")}.`);
}

/** Those that reach nobody and that nobody reaches: their images may name others all the same. */
function sayAlone(all: readonly Service[], file: Value): void {
  const linked = new Set(
    all.flatMap(({ name, links, derived, hasOutsiders }) =>
      [...links, ...derived].flatMap(link => [name, link.service]).concat(hasOutsiders ? name : []),
    ),
  );
  const alone = all.filter(({ name, unlinked }) => !linked.has(name) && unlinked.size === 0);
  if (all.length < 2 || alone.length === 0) return;
  const names = listed(alone.map(({ name }) => name));
  file.note(
    `declares ${names}, which ${alone.length === 1 ? "names no other service and is" : "name no other service and are"} named by none: write \`links\` where one reaches another by a name that only its image knows.`,
  );
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function lastKey(path: string): string {
  return path.split(".").at(-1) ?? path;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

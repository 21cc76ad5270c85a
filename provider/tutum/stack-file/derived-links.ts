/**
 * Links that a Compose file implies: there services of one network reach one another by name, here an
 * application reaches those that it is linked to. So each is linked to those that it names.
 */
import { describeCircle } from "../../resource/dependency-order";
import { sentence } from "../../resource/sentence";
import { suggest } from "../../resource/table/schema";
import { hostsOfCommand, hostsOfVariable } from "./host-names";
import { aliasProblem } from "./references";
import type { Service } from "./service";
import type { Value } from "./value";

/** A service named by another one. */
interface Mention {
  target: Service;
  /** The name used for it, which must lead to it. */
  host: string;
  certain: boolean;
  place: Value;
  /** `DB_HOST`, `command`. */
  by: string;
}

/** Gives each service its `derived` links, with a note. `all` are the services whose profiles are enabled. */
export function deriveLinks(all: readonly Service[], file: Value): void {
  const order = new Order(all);
  for (const service of all) checkUnlinked(service, all);
  const mentions = all.map(service => ({ service, found: mentionsOf(service, all) }));
  // Certain mentions first: of two that close a circle, the error is at the other one.
  for (const certain of [true, false])
    for (const { service, found } of mentions)
      for (const mention of found) if (mention.certain === certain) derive(service, mention, order);
  for (const { service } of mentions) linkDependencies(service, all);
  if (file.source.isWrong) return;
  for (const { service, found } of mentions) if (service.derived.length > 0) noteLinks(service, found);
  noteUnlinked(all, file);
}

function derive(service: Service, mention: Mention, order: Order): void {
  const { target, host, place, certain } = mention;
  const link = [...service.links, ...service.derived].find(({ service: name }) => name === target.name);
  if (link) {
    const alias = link.alias ?? link.service;
    if (certain && !isSame(alias, host))
      place.error(
        `names ${host}, and ${target.name} is linked as ${alias} (${link.place.path}): a link has one name, use ${alias}.`,
      );
    return;
  }
  if (!shareNetwork(service, target)) {
    if (certain) place.warn(`names ${host}, but shares no network with it: the name leads nowhere.`);
    return;
  }
  const invalid = aliasProblem(host);
  if (invalid) {
    if (certain) place.error(`names ${host}, which cannot be a link's name: it ${invalid}. Rename it.`);
    return;
  }
  const path = order.path(target.name, service.name);
  if (!path) {
    order.add(service.name, target.name);
    service.derived.push({ service: target.name, alias: host, place });
    return;
  }
  const circle = describeCircle([service.name, ...path]);
  const way = `x-tutum: { unlinked: [${target.name}] } in ${service.name}`;
  if (certain) {
    place.error(
      `names ${host}, and a link to it would close ${circle}. Leave this link out with ` +
        `${way}, and use an address at which ${target.name} is reachable from outside.`,
    );
  } else {
    place.warn(`may name ${host} as a host: it is not linked to it, since that would close ${circle}.`);
  }
}

/** Dependencies that it names nowhere else are linked by their own names. */
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

/** Which services are created after which. */
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

  /** The path from one over its predecessors to another, or undefined. */
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

/** `x-tutum: { unlinked: [db] }` must name services. */
function checkUnlinked(service: Service, all: readonly Service[]): void {
  const names = all.map(({ name }) => name);
  for (const [name, place] of service.unlinked)
    if (!names.includes(name)) place.error(sentence(`names no service of this file${suggest(name, names)}`));
}

function noteLinks(service: Service, found: readonly Mention[]): void {
  const links = service.derived.map(({ service: name, alias }) => {
    const by = found.filter(mention => mention.host === alias).map(mention => mention.by);
    if (service.dependsOn.some(dependency => dependency.service === name)) by.push("depends_on");
    return `${name}${alias === name ? "" : ` as ${alias}`} (${[...new Set(by)].join(", ")})`;
  });
  service.at.note(`is linked to what it names: ${links.join(", ")}.`);
}

/** Services without any link: their images may still contain the names of others. */
function noteUnlinked(all: readonly Service[], file: Value): void {
  const linked = new Set(
    all.flatMap(({ name, links, derived, hasExternalLinks }) =>
      [...links, ...derived].flatMap(link => [name, link.service]).concat(hasExternalLinks ? name : []),
    ),
  );
  const alone = all.filter(({ name, unlinked }) => !linked.has(name) && unlinked.size === 0);
  if (all.length < 2 || alone.length === 0) return;
  const names = listed(alone.map(({ name }) => name));
  file.note(
    `declares ${names}, which ${alone.length === 1 ? "has" : "have"} no links: write \`links\` if an image has the name of another service built in.`,
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

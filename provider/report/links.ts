/**
 * Which application is linked to which, before and after. A target is known by its uuid, or unknown because it is
 * created or replaced; and a digest leaves unchanged applications out, so their uuids are matched by dependency.
 */
import { fromHost } from "../resource/table/unknown";
import { uuidOf } from "../tutum/client/references";
import type { FoldedStep } from "./folded-steps";
import { nameOf, type ResourceState, typeOf } from "./preview";

export const APPLICATION_TYPE = "pulumi-nodejs:dynamic/tutum:Application";
export const LINKS = "linkedToApplication";

export interface LinkedTo {
  /** URN; absent for an application outside the stack. */
  urn?: string;
  /** For people: the target's resource name where it is known. */
  name: string;
  /** Prefix of the link variables where it isn't the target's name. */
  alias?: string;
}

export interface Links {
  before: LinkedTo[];
  after: LinkedTo[];
}

/** By URN of the application that has the links. */
export function linksOf(applications: readonly FoldedStep[]): Map<string, Links> {
  const known = knownTargets(applications);
  return new Map(
    applications.map(({ urn, oldState, newState }) => {
      const old = declaredLinks(oldState);
      const before = resolved(old, oldState, known, []);
      return [urn, { before, after: resolved(declaredLinks(newState), newState, known, before) }];
    }),
  );
}

/** A link as the inputs have it; no uuid: it is not known before `up`. */
interface Declared {
  uuid?: string;
  alias?: string;
}

/** What the preview says of the applications that can be targets. */
interface KnownTargets {
  byUuid: ReadonlyMap<string, string>;
  /** Those whose uuid is not known, and the names that they have on the server. */
  unborn: ReadonlyMap<string, string>;
}

function knownTargets(applications: readonly FoldedStep[]): KnownTargets {
  const byUuid = new Map<string, string>();
  const unborn = new Map<string, string>();
  for (const { urn, oldState, newState, operation, refreshed } of applications) {
    for (const id of [refreshed?.before?.id, oldState?.id, newState?.id]) if (id) byUuid.set(id, urn);
    if (operation === "create" || operation === "replace")
      unborn.set(urn, String(newState?.inputs?.name ?? nameOf(urn)));
  }
  return { byUuid, unborn };
}

function declaredLinks(state: ResourceState | undefined): Declared[] {
  const declared = fromHost(state?.inputs?.[LINKS]);
  if (!Array.isArray(declared)) return [];
  return declared.map(link => {
    const { application, name } = (link ?? {}) as { application?: unknown; name?: unknown };
    return {
      ...(typeof application === "string" && { uuid: uuidOf(application) }),
      ...(typeof name === "string" && { alias: name }),
    };
  });
}

/**
 * Each link with its target: by uuid; one that is unknown by what had its alias before, then by the target's own name;
 * at last the only link that is left with the only target that is left. Two of a kind stay unknown: what arrives
 * first is another each time.
 */
function resolved(
  links: readonly Declared[],
  state: ResourceState | undefined,
  { byUuid, unborn }: KnownTargets,
  before: readonly LinkedTo[],
): LinkedTo[] {
  const dependencies = state?.propertyDependencies?.[LINKS]?.filter(urn => typeOf(urn) === APPLICATION_TYPE);
  const urns = links.map(({ uuid }) => (uuid === undefined ? undefined : byUuid.get(uuid)));
  const candidates = urns.includes(undefined) ? (dependencies ?? [...unborn.keys()]) : [];
  const free = new Set(candidates.filter(urn => !urns.includes(urn)));
  const match = (isTarget: (link: Declared, urn: string, index: number) => boolean) => {
    links.forEach((link, index) => {
      if (urns[index] !== undefined) return;
      const [target, ...others] = [...free].filter(urn => isTarget(link, urn, index));
      if (target === undefined || others.length > 0) return;
      urns[index] = target;
      free.delete(target);
    });
  };
  const isOpen = ({ uuid }: Declared, urn: string) => (uuid === undefined) === unborn.has(urn);
  const had = (alias: string | undefined) => before.find(link => (link.alias ?? link.name) === alias);
  match((link, urn) => isOpen(link, urn) && link.alias !== undefined && had(link.alias)?.urn === urn);
  match((link, urn) => isOpen(link, urn) && link.alias !== undefined && unborn.get(urn) === link.alias);
  match((link, urn) => isOpen(link, urn) && nameOf(urn) === link.alias);
  // A child of a component is named after it: `shop-db` is `db` on the server.
  match((link, urn) => isOpen(link, urn) && nameOf(urn).endsWith(`-${link.alias}`));
  if (dependencies) match(link => links.every((other, index) => other === link || urns[index] !== undefined));
  return links.map(({ uuid, alias }, index) => {
    const urn = urns[index];
    const name = urn === undefined ? (alias ?? uuid ?? "an application not known yet") : nameOf(urn);
    return { urn, name, ...(alias !== undefined && alias !== name && { alias }) };
  });
}

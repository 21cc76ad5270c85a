/**
 * Which application is linked to which, before and after. A target is known by its uuid, or unknown because it is
 * created or replaced; and a digest leaves unchanged applications out, so their uuids are matched by dependency.
 */
import { fromHost, UNKNOWN } from "../resource/unknown";
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
  const byUuid = new Map<string, string>();
  for (const { urn, oldState, newState } of applications)
    for (const id of [oldState?.id, newState?.id]) if (id) byUuid.set(id, urn);
  const byName = new Map<string, string>();
  for (const { urn, newState } of applications)
    byName.set(String(newState?.inputs?.name ?? nameOf(urn)), urn);
  const targets = (state: ResourceState | undefined) => linkedTo(state, byUuid, byName);
  return new Map(
    applications.map(({ urn, oldState, newState }) => [
      urn,
      { before: targets(oldState), after: targets(newState) },
    ]),
  );
}

function linkedTo(
  state: ResourceState | undefined,
  byUuid: Map<string, string>,
  byName: Map<string, string>,
): LinkedTo[] {
  const declared = fromHost(state?.inputs?.[LINKS]);
  if (!Array.isArray(declared)) return [];
  const links = declared.map(link => {
    const { application, name } = (link ?? {}) as { application?: unknown; name?: unknown };
    const uuid = typeof application === "string" ? uuidOf(application) : undefined;
    const alias = typeof name === "string" ? name : undefined;
    const known = link !== UNKNOWN && application !== UNKNOWN;
    return { known, uuid, alias, urn: uuid === undefined ? undefined : byUuid.get(uuid) };
  });
  const dependencies = (state?.propertyDependencies?.[LINKS] ?? []).filter(
    urn => typeOf(urn) === APPLICATION_TYPE && !links.some(link => link.urn === urn),
  );
  const take = (urn: string | undefined) => {
    if (urn !== undefined) dependencies.splice(dependencies.indexOf(urn) >>> 0, 1);
    return urn;
  };
  for (const link of links) {
    // An alias is as a rule the target's name.
    link.urn ??= take(dependencies.find(urn => nameOf(urn) === link.alias));
  }
  for (const link of links) {
    const open = links.filter(({ urn }) => urn === undefined).length;
    if (link.urn === undefined && dependencies.length === open) link.urn = take(dependencies[0]);
    if (link.urn === undefined && !link.known && link.alias !== undefined) link.urn = byName.get(link.alias);
  }
  return links.map(({ urn, uuid, alias }) => {
    const name = urn === undefined ? (alias ?? uuid ?? "an application not known yet") : nameOf(urn);
    return { urn, name, ...(alias !== undefined && alias !== name && { alias }) };
  });
}

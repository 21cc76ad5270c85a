/**
 * Which resource is linked to which, before and after. A target is known by its id, or unknown because it is created or
 * replaced; and a digest leaves unchanged resources out, so their ids are matched by dependency.
 */
import { fromHost } from "../resource/table/unknown";
import type { FoldedStep } from "./folded-steps";
import type { DeclaredLink, LinkedTo, LinkProperty, Links, ReportedKind } from "./kind";
import { nameOf, type ResourceState, typeOf } from "./preview";

/** A resource of a known kind. */
export interface KnownStep {
  kind: ReportedKind;
  step: FoldedStep;
}

export const NO_LINKS: Links = { before: [], after: [] };

/** By URN of the resource that has the links. */
export function linksOf(resources: readonly KnownStep[]): Map<string, Links> {
  const known = knownTargets(resources);
  return new Map(
    resources.flatMap(({ kind: { links: of }, step: { urn, oldState, newState } }) => {
      if (!of) return [];
      const declared = (state?: ResourceState) => of.declared(fromHost(state?.inputs?.[of.property]));
      const old = declared(oldState);
      const before = resolved(of, old, oldState, known, []);
      return [[urn, { before, after: resolved(of, declared(newState), newState, known, before) }]];
    }),
  );
}

/** What the preview says of the resources that can be targets. */
interface KnownTargets {
  /** URNs. */
  byId: ReadonlyMap<string, string>;
  /** Those whose id is not known, and the names that they have on the server. */
  unborn: ReadonlyMap<string, string>;
}

function knownTargets(resources: readonly KnownStep[]): KnownTargets {
  const byId = new Map<string, string>();
  const unborn = new Map<string, string>();
  for (const { kind, step } of resources) {
    const { urn, oldState, newState, operation, refreshed } = step;
    for (const id of [refreshed?.before?.id, oldState?.id, newState?.id]) if (id) byId.set(id, urn);
    if (operation === "create" || operation === "replace")
      unborn.set(urn, String(newState?.inputs?.[kind.nameProperty ?? ""] ?? nameOf(urn)));
  }
  return { byId, unborn };
}

/**
 * Each link with its target: by id; one that is unknown by what had its alias before, then by the target's own name;
 * at last the only link that is left with the only target that is left. Two of a kind stay unknown: what arrives
 * first is another each time.
 */
function resolved(
  { property, targets, target: noun }: LinkProperty,
  links: readonly DeclaredLink[],
  state: ResourceState | undefined,
  { byId, unborn }: KnownTargets,
  before: readonly LinkedTo[],
): LinkedTo[] {
  const isTarget = (urn: string) => targets.includes(typeOf(urn));
  const dependencies = state?.propertyDependencies?.[property]?.filter(isTarget);
  const urns = links.map(({ id }) => (id === undefined ? undefined : byId.get(id)));
  const candidates = urns.includes(undefined) ? (dependencies ?? [...unborn.keys()].filter(isTarget)) : [];
  const free = new Set(candidates.filter(urn => !urns.includes(urn)));
  const match = (fits: (link: DeclaredLink, urn: string, index: number) => boolean) => {
    links.forEach((link, index) => {
      if (urns[index] !== undefined) return;
      const [target, ...others] = [...free].filter(urn => fits(link, urn, index));
      if (target === undefined || others.length > 0) return;
      urns[index] = target;
      free.delete(target);
    });
  };
  const isOpen = ({ id }: DeclaredLink, urn: string) => (id === undefined) === unborn.has(urn);
  const had = (alias: string | undefined) => before.find(link => (link.alias ?? link.name) === alias);
  match((link, urn) => isOpen(link, urn) && link.alias !== undefined && had(link.alias)?.urn === urn);
  match((link, urn) => isOpen(link, urn) && link.alias !== undefined && unborn.get(urn) === link.alias);
  match((link, urn) => isOpen(link, urn) && nameOf(urn) === link.alias);
  // A child of a component is named after it: `shop-db` is `db` on the server.
  match((link, urn) => isOpen(link, urn) && nameOf(urn).endsWith(`-${link.alias}`));
  if (dependencies) match(link => links.every((other, index) => other === link || urns[index] !== undefined));
  return links.map(({ id, alias }, index) => {
    const urn = urns[index];
    const name = urn === undefined ? (alias ?? id ?? `${noun} not known yet`) : nameOf(urn);
    return { urn, name, ...(alias !== undefined && alias !== name && { alias }) };
  });
}

/** The domains that applications answer to, and how they go from one application to another. */
import type { Changed } from "../../report/kind";
import { byName } from "../../report/natural";
import { list, type Phrase, say } from "../../report/phrase";
import type { ResourceState } from "../../report/preview";
import { isSecret } from "../../report/secrets";
import { fromHost } from "../../resource/table/unknown";

/** Undefined also where it is hidden or not known. */
export function domainOf(state: ResourceState | undefined): string | undefined {
  const domain = fromHost(state?.inputs?.webPublicDns);
  return typeof domain === "string" && domain !== "" && !isSecret(domain) ? domain : undefined;
}

/** Who gives a domain up, and who gets it, of all that changes. */
export interface Domains {
  /** The others that had the domain which this application gets; nothing where it had it, or nobody else had. */
  from(changed: Changed): Phrase | undefined;
  /** The others that get the domain which this application gives up. */
  to(changed: Changed): Phrase | undefined;
}

export function domainsOf(all: Iterable<Changed>): Domains {
  const changes = [...all].map(changed => ({ changed, ...hands(changed) }));
  const named = (found: { changed: Changed }[]): Phrase | undefined => {
    const names = found.map(({ changed }) => changed.step.name).sort(byName);
    return names.length > 0 ? list(names.map(name => say`${name}`)) : undefined;
  };
  return {
    from(changed) {
      const { gets } = hands(changed);
      return gets === undefined ? undefined : named(changes.filter(({ gives }) => gives === gets));
    },
    to(changed) {
      const { gives } = hands(changed);
      return gives === undefined ? undefined : named(changes.filter(({ gets }) => gets === gives));
    },
  };
}

/** Domains of applications that go or lose them, which no other gets. */
export function freedDomains(changes: readonly Changed[]): string[] {
  const kept = new Set(
    changes.map(({ step }) => (step.operation === "delete" ? undefined : domainOf(step.newState))),
  );
  const before = changes
    .filter(({ step }) => !step.leftover && step.oldState?.retainOnDelete !== true)
    .map(({ step }) => domainOf(step.oldState))
    .filter(domain => domain !== undefined);
  return [...new Set(before)].filter(domain => !kept.has(domain)).sort(byName);
}

function hands({ step }: Changed): { gives?: string; gets?: string } {
  if (step.leftover) return {};
  const kept = step.operation === "delete" && step.oldState?.retainOnDelete === true;
  const before = step.operation === "create" ? undefined : domainOf(step.oldState);
  const after =
    step.operation === "delete" && !kept ? undefined : domainOf(kept ? step.oldState : step.newState);
  if (before === after) return {};
  return {
    ...(before === undefined ? {} : { gives: before }),
    ...(after === undefined ? {} : { gets: after }),
  };
}

/** The enabled services of a Compose file: those without profiles, and those with an enabled one. */
import type { Source } from "./source";
import type { Entry } from "./value";

/** The enabled services, and the missing profiles of each other one. */
export function enabled(
  services: readonly Entry[],
  source: Source,
): { services: Entry[]; leftOut: Map<string, string> } {
  const profiles = enabledProfiles(source);
  const leftOut = new Map<string, string>();
  const meant = services.filter(({ key, at, value }) => {
    const own = value.isMap ? value.entries().find(entry => entry.key === "profiles") : undefined;
    const names = own?.value.oneOrMore().map(item => item.known()) ?? [];
    if (names.length === 0 || profiles.has("*") || names.some(name => name && profiles.has(name)))
      return true;
    const missing = names.join(", ");
    leftOut.set(key, missing);
    at.note(
      `is left out: ${names.length === 1 ? `its profile ${missing} is not` : `none of its profiles ${missing} is`} enabled.`,
    );
    return false;
  });
  return { services: meant, leftOut };
}

function enabledProfiles(source: Source): Set<string> {
  const listed = source.options.profiles ?? source.lookUp("COMPOSE_PROFILES")?.split(",") ?? [];
  return new Set(listed.map(name => name.trim()).filter(name => name !== ""));
}

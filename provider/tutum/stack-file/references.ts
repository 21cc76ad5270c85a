/** References of a service to others: `links`, `depends_on`. */
import { safeParse, show } from "../../resource/table/schema";
import { isUuid } from "../client/references";
import { applicationFields } from "../lifecycle/fields";
import { ignored, type Keys, keysOf, notSupported, reads } from "./key";
import type { Dependency, Service } from "./service";
import type { Value } from "./value";

/** For checks that need a uuid. */
const ANY_UUID = "00000000-0000-0000-0000-000000000000";

/** `service`, `service:alias`, `uuid`, `uuid:alias`. */
export function link(item: Value, service: Service): undefined {
  const text = item.known();
  if (text === undefined) return;
  const [target = "", alias, ...more] = text.split(":");
  if (more.length > 0 || alias === "" || target === "")
    return item.error(`must be SERVICE or SERVICE:ALIAS, not ${show(text)}.`);
  if (alias === undefined && target.includes("."))
    return item.error(
      `needs an alias, which begins the names of variables and has no dots: write ${target}:${target.split(".")[0]}.`,
    );
  const invalid = alias === undefined ? undefined : aliasProblem(alias);
  if (invalid) return item.error(`${invalid}.`);
  if (isUuid(target)) service.addExternalLink(target.toLowerCase(), alias, item);
  else service.links.push({ service: target, alias, place: item });
}

/** Why this is not a valid name of a link, if it is not. */
export function aliasProblem(alias: string): string | undefined {
  const links = [{ application: ANY_UUID, name: alias }];
  return safeParse(applicationFields.linkedToApplication.schema, links).issues?.[0].message;
}

const DEPENDENCY_KEYS: Keys<Dependency> = {
  condition: reads((value, dependency) => {
    const condition = value.oneOf(["service_started", "service_healthy", "service_completed_successfully"]);
    if (condition === "service_healthy")
      value.warn("is taken as service_started: an application is waited for until its containers run.");
    if (condition !== "service_completed_successfully") return;
    dependency.isJob = true;
    notSupported(value, "an application is waited for until its containers run, not until they have ended");
  }),
  required: reads((value, dependency) => {
    dependency.required = value.boolean() ?? true;
  }),
  restart: ignored("what links to a replaced application is replaced with it"),
};

/** Names of services, or names with conditions. */
export function dependsOn(value: Value, service: Service): void {
  if (!value.isMap) {
    for (const item of value.oneOrMore()) {
      const target = item.known();
      if (target !== undefined) service.dependsOn.push({ service: target, place: item });
    }
    return;
  }
  for (const { key, at, value: conditions } of value.entries()) {
    const dependency: Dependency = { service: key, place: at };
    keysOf(conditions, DEPENDENCY_KEYS, dependency, "a dependency");
    service.dependsOn.push(dependency);
  }
}

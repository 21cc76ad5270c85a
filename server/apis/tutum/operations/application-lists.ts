/** The list-valued fields of a new application: ports, environment variables, links, roles. */
import type { PortProtocol } from "../../../../provider/tutum/client/types";
import {
  ALIAS,
  APPLICATION_REFERENCE,
  MAX_ENVVARS,
  MAX_LINKS,
  MAX_PORTS,
  MAX_ROLES,
  MAX_VALUE,
  VARIABLE_NAME,
} from "../model/patterns";
import type { Envvar, InnerPort, Link } from "../model/records";
import type { World } from "../model/world";
import { type FieldReader, kindOf, Problem, show } from "./field-reader";

const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp"];

export function readPorts(fields: FieldReader): InnerPort[] | undefined {
  const seen = new Set<string>();
  return fields.list("container_ports", MAX_PORTS, item => {
    if (!isObject(item))
      return new Problem(`${kindOf(item)} is not an object like {"protocol": "tcp", "inner_port": 80}.`);
    const { inner_port } = item;
    const protocol = PROTOCOLS.find(known => known === (item.protocol ?? "tcp"));
    if (!protocol)
      return new Problem(`protocol ${show(item.protocol)} is not one of ${PROTOCOLS.join(", ")}.`);
    if (
      typeof inner_port !== "number" ||
      !Number.isInteger(inner_port) ||
      inner_port < 1 ||
      inner_port > 65535
    ) {
      return new Problem(`inner_port ${show(inner_port ?? null)} is not an integer from 1 to 65535.`);
    }
    const key = `${inner_port}/${protocol}`;
    if (seen.has(key)) return new Problem(`port ${key} is there twice.`);
    seen.add(key);
    return { protocol, inner_port };
  });
}

/** Values may be secrets, and so may what stands in a wrong place: messages never repeat them. */
export function readEnvvars(fields: FieldReader): Envvar[] | undefined {
  const seen = new Set<string>();
  const read = (item: unknown) => {
    if (!isObject(item))
      return new Problem(`${kindOf(item)} is not an object like {"key": "NAME", "value": "text"}.`);
    const { key, value } = item;
    if (typeof key !== "string") return new Problem(`its key is ${kindOf(key)}, not the variable's name.`);
    if (!VARIABLE_NAME.test(key)) {
      return new Problem(
        `its key is not a variable's name: 1 to 255 characters, without "=" and NUL, are allowed.`,
      );
    }
    if (typeof value !== "string") return new Problem(`the value of ${key} is not a string.`);
    if (value.length > MAX_VALUE)
      return new Problem(`the value of ${key} is longer than ${MAX_VALUE} characters.`);
    if (value.includes("\0")) return new Problem(`the value of ${key} holds a NUL character.`);
    if (seen.has(key)) return new Problem(`${key} is there twice.`);
    seen.add(key);
    return { key, value };
  };
  return fields.list("container_envvars", MAX_ENVVARS, read, kindOf);
}

/** Targets as resource URIs, uuids, or objects `{"to_application": ..., "name": alias}`. */
export function readLinks(fields: FieldReader, world: World): Link[] | undefined {
  const seen = new Set<string>();
  return fields.list("linked_to_application", MAX_LINKS, item => {
    const reference = isObject(item) ? item.to_application : item;
    const alias = isObject(item) ? (item.name ?? undefined) : undefined;
    const uuid =
      typeof reference === "string" ? APPLICATION_REFERENCE.exec(reference)?.[1]?.toLowerCase() : undefined;
    if (!uuid) {
      return new Problem(
        `${show(reference ?? null)} is not an application: "/api/v1/application/<uuid>/" is expected.`,
      );
    }
    const target = world.applications.get(uuid);
    if (!target) return new Problem(`there is no application ${uuid}.`);
    if (target.state === "Terminating" || target.state === "Terminated") {
      return new Problem(`application ${uuid} ("${target.uniqueName}") is ${target.state}.`);
    }
    if (alias !== undefined && (typeof alias !== "string" || !ALIAS.test(alias))) {
      return new Problem(`name ${show(alias)} is not an alias of letters, digits, "-" and "_".`);
    }
    const key = typeof alias === "string" ? `alias ${alias.toUpperCase()}` : uuid;
    if (seen.has(key))
      return new Problem(`${typeof alias === "string" ? `the alias ${show(alias)}` : uuid} is there twice.`);
    seen.add(key);
    return typeof alias === "string" ? { to: uuid, alias } : { to: uuid };
  });
}

/** Only `global`, also in its older form `/api/v1/role/global/`. */
export function readRoles(fields: FieldReader): string[] | undefined {
  const roles = fields.list("roles", MAX_ROLES, item =>
    item === "global" || item === "/api/v1/role/global/"
      ? "global"
      : new Problem(`${show(item)} is not one of global.`),
  );
  return roles && [...new Set(roles)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

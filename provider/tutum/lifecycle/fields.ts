/**
 * The arguments of `TutumApplication`, one row each: the only list of fields. Check, diff, request bodies and
 * outputs read it. Defaults and what may be patched: Tutum API, "Create and launch", "Update an application".
 */
import type { FieldTable } from "../../resource/table/field";
import { internalFields } from "../../resource/table/internal-fields";
import {
  atMost,
  boolean,
  integer,
  list,
  object,
  oneOf,
  optional,
  pattern,
  record,
  secretString,
  string,
  unknown,
} from "../../resource/table/schema";
import { UNKNOWN } from "../../resource/table/unknown";
import { resourceUri, uuidOf } from "../client/references";
import { runs } from "../client/states";
import {
  type Application,
  type ApplicationLink,
  AUTO_POLICIES,
  CONTAINER_SIZES,
  PORT_PROTOCOLS,
  type PortProtocol,
  ROLES,
} from "../client/types";

export interface Port {
  innerPort: number;
  protocol: PortProtocol;
}

export interface Link {
  /** uuid of the target. */
  application: string;
  /** Prefix of the link variables; absent: the target's unique name. */
  name?: string;
}

const IMAGE =
  /^(?:[a-z0-9][a-z0-9.-]*(?::\d{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const IMAGE_URI = /^\/api\/v1\/image\/(.+)\/tag\/([^/]+)\/$/;

/** The variable that carries the owner marker; no part of the declared environment. */
export const OWNER_VARIABLE = "TUTUM_PULUMI_OWNER";

/** As Docker takes it: `discovery.type` is one. */
const variableName = pattern(
  new RegExp(`^(?!${OWNER_VARIABLE}$)[^=]+$`),
  `must be the name of a variable: not empty, without "=", and not ${OWNER_VARIABLE}, which the provider sets`,
);

/** What one application may have. The marker is not counted: these are the user's numbers. */
const MOST = { containers: 100, ports: 100, links: 100, variables: 1_000, characters: 32_768 };

const ACCOUNT = /^[A-Za-z0-9_-]+$/;

/** An alias becomes the prefix of environment variables. */
const ALIAS = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;
const alias = pattern(
  ALIAS,
  "must be letters, digits and dashes, at most 63 (it begins the names of variables)",
);
const target = pattern(
  /^(?:(?:https?:\/\/[^/]+)?\/api\/v1\/application\/)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/?$/i,
  "must be an application, or the uuid or resource URI of one",
);

const autoPolicy = { schema: optional(oneOf(AUTO_POLICIES)), default: "OFF", change: "in-place" } as const;

export const applicationFields = {
  image: {
    schema: pattern(
      IMAGE,
      "must be an image in Docker's form, like tutum/hello-world or registry.example.com/team/app:1.2",
    ),
    change: "replace",
    wire: "image",
    canonical: withTag,
    fromWire: application => imageOf(application.image_tag),
  },
  name: {
    schema: pattern(NAME, "must be letters, digits and dashes, at most 63 (it becomes a host name)"),
    change: "replace",
    wire: "name",
    fromWire: application => application.name,
  },
  containerSize: {
    schema: optional(oneOf(CONTAINER_SIZES)),
    default: "XS",
    change: "replace",
    wire: "container_size",
    fromWire: application => application.container_size,
  },
  targetNumContainers: {
    schema: optional(integer(1, MOST.containers)),
    default: 1,
    change: "in-place",
    wire: "target_num_containers",
    fromWire: application => application.target_num_containers,
  },
  runCommand: {
    schema: optional(string),
    change: "replace",
    derived: true,
    sensitive: true,
    wire: "run_command",
    fromWire: application => application.run_command,
  },
  entrypoint: {
    schema: optional(string),
    change: "replace",
    derived: true,
    sensitive: true,
    wire: "entrypoint",
    fromWire: application => application.entrypoint,
  },
  containerPorts: {
    schema: optional(
      list(
        object({ innerPort: integer(1, 65_535), protocol: optional(oneOf(PORT_PROTOCOLS), "tcp") }),
        MOST.ports,
      ),
    ),
    change: "replace",
    derived: true,
    wire: "container_ports",
    canonical: (ports: Port[]) => ports.map(port => `${port.innerPort}/${port.protocol ?? "tcp"}`).sort(),
    toWire: (ports: Port[]) => ports.map(port => ({ protocol: port.protocol, inner_port: port.innerPort })),
    fromWire: application =>
      application.container_ports.map(port => ({ innerPort: port.inner_port, protocol: port.protocol })),
  },
  containerEnvvars: {
    schema: optional(
      record(variableName, atMost(secretString, MOST.characters, "characters"), MOST.variables),
    ),
    default: {},
    change: "replace",
    sensitive: true,
    wire: "container_envvars",
    toWire: (variables: Record<string, string>) =>
      Object.entries(variables).map(([key, value]) => ({ key, value })),
    fromWire: application =>
      Object.fromEntries(
        application.container_envvars
          .filter(({ key }) => key !== OWNER_VARIABLE)
          .map(({ key, value }) => [key, value]),
      ),
  },
  linkedToApplication: {
    schema: optional(list(object({ application: target, name: optional(alias) }), MOST.links)),
    default: [],
    change: "replace",
    isCertain: isNewTarget,
    wire: "linked_to_application",
    canonical: (links: Link[]) => links.map(link => `${uuidOf(link.application)} ${link.name ?? ""}`).sort(),
    toWire: (links: Link[]) => links.map(toWireLink),
    fromWire: (application, declared: Link[] | undefined) =>
      application.linked_to_application.map(link => fromWireLink(link, declared ?? [])),
  },
  autorestart: { ...autoPolicy, wire: "autorestart", fromWire: application => application.autorestart },
  autoreplace: { ...autoPolicy, wire: "autoreplace", fromWire: application => application.autoreplace },
  autodestroy: { ...autoPolicy, wire: "autodestroy", fromWire: application => application.autodestroy },
  roles: {
    schema: optional(list(oneOf(ROLES))),
    default: [],
    change: "replace",
    wire: "roles",
    canonical: (roles: string[]) => [...new Set(roles)].sort(),
    fromWire: application => application.roles.map(role => /\/role\/([^/]+)\/$/.exec(role)?.[1] ?? role),
  },
  webPublicDns: {
    schema: optional(pattern(HOST_NAME, "must be a host name, like app.example.com")),
    change: "in-place",
    wire: "web_public_dns",
    fromWire: application => application.web_public_dns || undefined,
  },
  running: {
    schema: optional(boolean),
    default: true,
    change: "action",
    // Neither true nor false: whichever is declared, it is not that, and a refresh shows it.
    fromWire: ({ state }) => (state === "Partly running" ? "partly" : runs(state)),
  },
  /** Section of `~/.tutum`, or of stack config `tutum:accounts`. */
  account: {
    schema: optional(pattern(ACCOUNT, "must be letters, digits, dashes and underscores")),
    change: "replace",
  },
  adopt: {
    schema: optional(
      pattern(/^\S+$/, "must be the uuid, unique name or resource URI of an application that exists"),
    ),
    change: "none",
  },
  triggers: { schema: optional(list(unknown())), default: [], change: "replace" },
  ...internalFields,
  /** The name is of a resource that was renamed since with an alias, and stays: from check. */
  keptName: { schema: optional(boolean), change: "none", internal: true },
} satisfies FieldTable<Application>;

/** A link by its bare URI, as the documents have it: what an endpoint that knows no aliases accepts. */
export function withoutAlias(link: string | ApplicationLink): string {
  return typeof link === "string" ? link : link.to_application;
}

function toWireLink(link: Link): string | ApplicationLink {
  const uri = resourceUri(uuidOf(link.application));
  return link.name === undefined ? uri : { to_application: uri, name: link.name };
}

/** An unknown target is being created or replaced; an unknown alias may turn out to be the present one. */
function isNewTarget(links: unknown): boolean {
  const targetOf = (link: unknown) => (link as Partial<Link> | null)?.application ?? link;
  return links === UNKNOWN || (Array.isArray(links) && links.some(link => targetOf(link) === UNKNOWN));
}

/** A server that answers with bare URIs cannot tell the alias: the declared one stands. */
function fromWireLink(link: string | ApplicationLink, declared: Link[]): Link {
  const application = uuidOf(withoutAlias(link));
  const name =
    typeof link === "string"
      ? declared.find(mine => uuidOf(mine.application) === application)?.name
      : link.name;
  return name === undefined ? { application } : { application, name };
}

/** `/api/v1/image/tutum/hello-world/tag/latest/` -> `tutum/hello-world:latest`. */
function imageOf(uri: string): string {
  const [, name, tag] = IMAGE_URI.exec(uri) ?? [];
  return name && tag ? `${name}:${tag}` : uri;
}

function withTag(image: string): string {
  return /:[^/]+$/.test(image) ? image : `${image}:latest`;
}

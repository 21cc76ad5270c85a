/**
 * The keys of a service, of Tutum's stack file and of Compose files: the one table of what each declares, or of what
 * is said instead. A key that is not in it is a mistake.
 */
import { dirname, join } from "node:path/posix";
import { parseEnv } from "node:util";
import { safeParse, show, suggest } from "../../resource/schema";
import { isUuid } from "../client/references";
import { CONTAINER_SIZES, PORT_PROTOCOLS, type PortProtocol } from "../client/types";
import { applicationFields } from "../lifecycle/fields";
import { looksSecret } from "../secret-names";
import type { Service } from "./service";
import type { Part } from "./text";
import { shellWord } from "./text";
import type { Value } from "./value";

/** Reads what a key has into its service. */
type Key = (value: Value, service: Service, at: Value) => void;

const NOTHING_LIKE_IT = "the Tutum API v1 has nothing like it";
const IGNORE = 'remove it, or read the file with unsupported: "warn"';

export const SERVICE_KEYS: Readonly<Record<string, Key>> = {
  // Tutum's stack file, in the order of its documentation.
  image: (value, service) => service.set("image", value.text(), value),
  environment,
  links: ofEach(link),
  ports: ofEach(port),
  expose: ofEach((item, service) => {
    item.warn("becomes a port like those of `ports`: there are no ports that only other applications reach.");
    port(item, service);
  }),
  volumes: unlike("containers keep what they write until they are terminated, and share nothing"),
  volumes_from: unlike("containers share no volumes"),
  tags: ignored("the server chooses the nodes"),
  target_num_containers: containers,
  autorestart: (value, service) => service.set("autorestart", policy(value), value),
  autodestroy: (value, service) => service.set("autodestroy", policy(value), value),
  deployment_strategy: ignored("the server chooses the nodes", "emptiest_node"),
  sequential_deployment: ignored("the server decides whether containers are launched one after another"),
  roles: (value, service) => {
    const roles = value.items().map(item => item.oneOf(["global"]));
    service.set(
      "roles",
      roles.filter(role => role !== undefined),
      value,
    );
  },
  autoredeploy: ignored("a new image is deployed by a change of `image`"),
  privileged: unlike("containers have no privileges on their host"),
  command: (value, service) => service.set("runCommand", commandLine(value), value),
  entrypoint: (value, service) => service.set("entrypoint", commandLine(value), value),
  cpu_shares: ignored("choose a container size: x-tutum: { size: M }"),
  mem_limit: ignored("choose a container size: x-tutum: { size: M }"),

  // Documented as not supported in Tutum's stack file.
  env_file: environmentFile,
  build: (_value, service, at) => {
    if (service.place.has("image")) at.warn("is ignored, nothing is built here: push the image before.");
    else at.error("nothing is built here: push an image, and give its name as `image`.");
  },
  ...each(
    ["dns", "dns_search", "domainname", "hostname", "net", "external_links"],
    ignored("the server names and connects containers; others are reached through `links`"),
  ),
  ...each(["working_dir", "user"], ignored("they are the image's")),
  ...each(["cap_add", "cap_drop"], ignored("containers have the usual capabilities")),
  ...each(["stdin_open", "tty"], ignored("containers have neither input nor terminal")),

  // Compose.
  container_name: (value, service) => service.set("name", value.known(), value),
  depends_on: dependsOn,
  scale: containers,
  deploy: (value, service) => keysOf(value, DEPLOY_KEYS, service, "deploy"),
  restart,
  healthcheck: ignored("a container counts as ready when it runs"),
  profiles: ignored("every service of the file is declared"),
  networks: ignored("applications reach one another through `links`"),
  extends: (_value, _service, at) =>
    at.error("other files are not read: write what it has here, or bring it in by `<<` and an anchor."),
  ...each(
    `annotations attach blkio_config cgroup cgroup_parent configs cpu_count cpu_percent cpu_period cpu_quota
    cpu_rt_period cpu_rt_runtime cpus cpuset credential_spec develop device_cgroup_rules devices dns_opt extra_hosts
    gpus group_add init ipc isolation label_file labels log_driver log_opt logging mac_address mem_reservation
    mem_swappiness memswap_limit models network_mode oom_kill_disable oom_score_adj pid pids_limit platform post_start
    pre_stop provider pull_policy read_only runtime secrets security_opt shm_size stop_grace_period stop_signal
    storage_opt sysctls tmpfs ulimits use_api_socket userns_mode uts volume_driver`.split(/\s+/),
    unlike(NOTHING_LIKE_IT),
  ),
  "x-tutum": (value, service) => keysOf(value, TUTUM_KEYS, service, "x-tutum"),
};

/** What stack files have no key for: the rest of an application's arguments. */
const TUTUM_KEYS: Readonly<Record<string, Key>> = {
  name: (value, service) => service.set("name", value.known(), value),
  size: (value, service) => service.set("containerSize", value.oneOf(CONTAINER_SIZES), value),
  autoreplace: (value, service) => service.set("autoreplace", policy(value), value),
  webPublicDns: (value, service) => service.set("webPublicDns", value.text(), value),
  running: (value, service) => service.set("running", value.boolean(), value),
  account: (value, service) => service.set("account", value.known(), value),
};

const DEPLOY_KEYS: Readonly<Record<string, Key>> = {
  replicas: containers,
  mode: ignored(NOTHING_LIKE_IT, "replicated"),
  ...each(
    [
      "endpoint_mode",
      "labels",
      "placement",
      "resources",
      "restart_policy",
      "rollback_config",
      "update_config",
    ],
    unlike(NOTHING_LIKE_IT),
  ),
};

/** The keys outside of services in a Compose file. */
export const COMPOSE_KEYS: Readonly<Record<string, (value: Value, at: Value) => void>> = {
  services: () => undefined,
  // Said by old files, and without meaning since.
  version: () => undefined,
  name: (_value, at) => at.warn("is ignored: the stack's name is given where the file is read."),
  networks: (_value, at) => at.warn("is ignored: applications reach one another through `links`."),
  volumes: (_value, at) => at.warn("is ignored: there are no volumes."),
  include: (_value, at) => at.error("other files are not read: write what it has here."),
  ...Object.fromEntries(
    ["configs", "secrets", "models"].map(key => [
      key,
      (_value: Value, at: Value) => at.unsupported(`cannot be honoured, ${NOTHING_LIKE_IT}: ${IGNORE}.`),
    ]),
  ),
};

/** Reads the keys of a mapping by their table. Those that begin with `x-` are the user's own, as Compose has it. */
export function keysOf(
  mapping: Value,
  table: Readonly<Record<string, Key>>,
  service: Service,
  what = "a service",
): void {
  for (const { key, at, value } of mapping.entries()) {
    const read = Object.hasOwn(table, key) ? table[key] : undefined;
    if (read) read(value, service, at);
    else if (!key.startsWith("x-"))
      at.error(`is not a key of ${what}${suggestion(key, Object.keys(table))}.`);
  }
}

/** Only a near name: the list of all would bury it. */
function suggestion(key: string, keys: readonly string[]): string {
  const words = suggest(key, keys);
  return keys.length > 10 && !words.includes("did you mean") ? "" : words;
}

/** A key that says how to run containers, which is up to the server here; a `default` of it says nothing. */
function ignored(words: string, usual?: string): Key {
  return (value, _service, at) => {
    if (!saysNothing(value, usual)) at.warn(`is ignored: ${words}.`);
  };
}

/** A key without which containers would behave otherwise. */
function unlike(words: string): Key {
  return (value, _service, at) => {
    if (!saysNothing(value)) at.unsupported(`cannot be honoured, ${words}: ${IGNORE}.`);
  };
}

function saysNothing(value: Value, usual?: string): boolean {
  if (value.isNull || value.raw === "false" || (usual !== undefined && value.raw === usual)) return true;
  return (value.isList && value.items().length === 0) || (value.isMap && value.entries().length === 0);
}

/** A list, item by item. */
function ofEach(read: (item: Value, service: Service) => void): Key {
  return (value, service) => {
    for (const item of value.items()) read(item, service);
  };
}

function each(names: readonly string[], key: Key): Record<string, Key> {
  return Object.fromEntries(names.map(name => [name, key]));
}

function containers(value: Value, service: Service): void {
  service.set("targetNumContainers", value.text(value.parts(), { number: true }), value);
}

const POLICIES = { off: "OFF", on_failure: "ON_FAILURE", always: "ALWAYS" } as const;

/** `off` is false to readers of older YAML. */
function policy(value: Value): string | undefined {
  if (value.raw === "false") return POLICIES.off;
  const chosen = value.oneOf(Object.keys(POLICIES) as (keyof typeof POLICIES)[]);
  return chosen && POLICIES[chosen];
}

function restart(value: Value, service: Service): void {
  const said = value.raw?.startsWith("on-failure:") ? "on-failure" : value.oneOf([...Object.keys(RESTART)]);
  if (said === undefined) return;
  if (said === "unless-stopped")
    value.warn("is taken as always: containers that were stopped on purpose stay so in any case.");
  if (said !== value.raw && said === "on-failure")
    value.warn("is taken as on-failure: restarts are not counted.");
  service.set("autorestart", RESTART[said], value);
}

const RESTART: Readonly<Record<string, string>> = {
  no: "OFF",
  false: "OFF",
  "on-failure": "ON_FAILURE",
  always: "ALWAYS",
  "unless-stopped": "ALWAYS",
};

function environment(value: Value, service: Service): void {
  const entries = value.isMap
    ? value.entries().map(({ key, at, value }) => ({ name: key, text: value.raw ?? null, at, value }))
    : value.items().map(item => ({ ...assignment(item), at: item, value: item }));
  const seen = new Set<string>();
  for (const { name, text, at, value } of entries) {
    if (name === undefined) continue;
    if (seen.has(name)) at.error(`sets ${name} a second time: remove one of the two.`);
    seen.add(name);
    // A name alone takes the value from where the program runs.
    const parts: Part[] | undefined =
      text === null && (value.isNull || value === at) ? [{ name }] : value.parts(text ?? undefined);
    service.addVariable(name, parts && at.text(parts, { secret: looksSecret(name) }), at);
  }
}

function assignment(item: Value): { name?: string; text: string | null } {
  const raw = item.raw;
  if (raw === undefined) {
    item.error("must be NAME=value, or NAME alone.");
    return { text: null };
  }
  const end = raw.indexOf("=");
  return end < 0 ? { name: raw, text: null } : { name: raw.slice(0, end), text: raw.slice(end + 1) };
}

/** `environment` wins over it, and a later file over an earlier one. What such files hold is secret. */
function environmentFile(value: Value, service: Service): void {
  const variables = new Map<string, { text: string; item: Value }>();
  for (const item of value.isMap ? [value] : value.oneOrMore()) {
    const long = Object.fromEntries(item.isMap ? item.entries().map(entry => [entry.key, entry.value]) : []);
    const path = (item.isMap ? long.path : item)?.known();
    if (path === undefined) {
      if (item.isMap && !long.path) item.error("has no path.");
      continue;
    }
    const { file, readText } = item.source.options;
    const text = readText(path);
    if (text !== undefined) {
      for (const [name, set] of Object.entries(parseEnv(text)))
        variables.set(name, { text: String(set), item });
    } else if (long.required?.raw !== "false") {
      item.error(`${show(join(dirname(file), path))} cannot be read.`);
    }
  }
  const own = service.place.entries().find(({ key }) => key === "environment")?.value;
  const names = own?.isMap
    ? own.entries().map(({ key }) => key)
    : (own?.items().map(item => item.raw?.split("=")[0]) ?? []);
  for (const [name, { text, item }] of variables) {
    if (!names.includes(name)) service.addVariable(name, item.text([text], { secret: true }), item);
  }
}

/** A uuid for checks that need one. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** `service`, `service:alias`, `uuid`, `uuid:alias`. */
function link(item: Value, service: Service): undefined {
  const text = item.known();
  if (text === undefined) return;
  const [target = "", alias, ...more] = text.split(":");
  if (more.length > 0 || alias === "" || target === "")
    return item.error(`must be SERVICE or SERVICE:ALIAS, not ${show(text)}.`);
  const { issues } = safeParse(applicationFields.linkedToApplication.schema, [
    { application: NOBODY, name: alias },
  ]);
  if (issues) item.error(`${issues[0].message}.`);
  if (isUuid(target)) service.addOutsider(target.toLowerCase(), alias, item);
  else service.links.push({ service: target, alias, place: item });
}

const RANGE = /^(\d+)(?:-(\d+))?$/;

/** `80`, `443:443`, `127.0.0.1:80:80`, `53/udp`, `3000-3005`, or `{ target, protocol, published … }`. */
function port(item: Value, service: Service): undefined {
  if (item.isMap) return longPort(item, service);
  const text = item.known();
  if (text === undefined) return;
  const [, host, range = "", protocol] = /^(?:(.*):)?([^:/]*)(?:\/(.*))?$/.exec(text) ?? [];
  const [, first, last = first] = RANGE.exec(range) ?? [];
  if (first === undefined)
    return item.error(`must be a port like "80", "443:443" or "53/udp", not ${show(text)}.`);
  if (protocol !== undefined && !isProtocol(protocol))
    return item.error(`must be of tcp or udp, not ${show(protocol)}.`);
  const [from, to] = [Number(first), Number(last)];
  if (from < 1 || to > 65_535 || to < from || to - from > 1000)
    return item.error(`must be a port from 1 to 65535, or a range of at most 1000, not ${show(range)}.`);
  if (host !== undefined) item.warn(hostPort(host));
  for (let inner = from; inner <= to; inner += 1) service.addPort(inner, protocol ?? "tcp");
}

function longPort(item: Value, service: Service): undefined {
  let target: number | undefined;
  let protocol: PortProtocol = "tcp";
  for (const { key, at, value } of item.entries()) {
    if (key === "target") {
      const text = value.known();
      target = Number(text);
      if (text !== undefined && !(RANGE.test(text) && target >= 1 && target <= 65_535)) {
        value.error(`must be a port from 1 to 65535, not ${show(text)}.`);
        target = Number.NaN;
      }
    } else if (key === "protocol") protocol = value.oneOf(PORT_PROTOCOLS) ?? "tcp";
    else if (key === "published") value.warn(hostPort(value.raw ?? ""));
    else if (["host_ip", "mode", "name", "app_protocol"].includes(key))
      ignored(NOTHING_LIKE_IT)(value, service, at);
    else if (!key.startsWith("x-")) {
      at.error(
        `is not a key of a port${suggest(key, ["target", "protocol", "published", "host_ip", "mode", "name"])}.`,
      );
    }
  }
  if (target === undefined) item.error("has no target, the port that the containers listen on.");
  else if (Number.isInteger(target)) service.addPort(target, protocol);
}

function hostPort(host: string): string {
  return `asks for ${show(host)} on the host, which the server chooses: look it up, or use webPublicDns for port 80.`;
}

function isProtocol(text: string): text is PortProtocol {
  return (PORT_PROTOCOLS as readonly string[]).includes(text);
}

/** A list becomes one command line, each word quoted where a shell needs it. */
function commandLine(value: Value): unknown {
  if (value.isNull) return undefined;
  const words = value.isList
    ? value.items().map((item, n): Part[] => {
        const parts = item.parts() ?? [];
        const plain = parts.every(part => typeof part === "string");
        const word: Part = plain ? shellWord(parts.join("")) : { word: parts };
        return n === 0 ? [word] : [" ", word];
      })
    : [value.parts() ?? []];
  const parts = words.flat();
  if (parts.every(part => part === ""))
    return value.error("must not be empty: the image's own cannot be taken away.");
  return value.text(parts);
}

/** The order of creation, no link: only `links` gives a container the other's variables. */
function dependsOn(value: Value, service: Service): void {
  if (!value.isMap) {
    for (const item of value.oneOrMore()) {
      const target = item.known();
      if (target !== undefined) service.dependsOn.push({ service: target, place: item });
    }
    return;
  }
  for (const { key, at, value: condition } of value.entries()) {
    service.dependsOn.push({ service: key, place: at });
    for (const each of condition.entries()) {
      const usual = { condition: "service_started", required: "true", restart: "false" }[each.key];
      if (usual === undefined)
        each.at.error(
          `is not a key of a dependency${suggest(each.key, ["condition", "required", "restart"])}.`,
        );
      else if (each.value.raw !== usual)
        each.at.warn(`is taken as ${usual}: an application is waited for until its containers run.`);
    }
  }
}

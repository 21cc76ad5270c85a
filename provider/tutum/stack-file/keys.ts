/**
 * The keys of Tutum's stack file and of Compose files: the one table of what each declares, or of its message
 * instead. A key that is not in it is an error.
 */
import { CONTAINER_SIZES } from "../client/types";
import { commandLine } from "./command-line";
import { differs, each, ignored, type Keys, keysOf, reads } from "./key";
import { networkDeclarations, networksOf } from "./networks";
import { port } from "./ports";
import { dependsOn, link } from "./references";
import type { Service } from "./service";
import type { Value } from "./value";
import { environment, environmentFile } from "./variables";

const SIZE = "the container size decides what they get: x-tutum: { size: M }";
const NODES = "the server chooses the nodes";
const NAMES = "the server gives containers their names, addresses and name servers";
const IMAGE = "it is the image's";
const RIGHTS = "containers have the usual rights, and none on their host";
const VOLUMES = "containers keep what they write until they are terminated, and share nothing";
const APART = "containers share nothing with their host or one another";
const FILES =
  "containers have the image's files and nothing else: use environment variables, or another image";
const NOT_VISIBLE = "nothing in a container sees it";
const HOW_CHANGED = "the provider decides how a change is made";

/** The keys of `deploy.restart_policy`. */
const RESTART_POLICY_KEYS: Keys<Service> = {
  condition: reads((value, service) => {
    const condition = value.oneOf(["none", "on-failure", "any"]);
    if (condition) service.set("autorestart", RESTART[condition], value);
  }),
  ...each("delay max_attempts window", ignored("the server decides when, and counts nothing")),
};

const RESERVATION_KEYS: Keys<Service> = {
  ...each("cpus memory", ignored(SIZE)),
  ...each("devices generic_resources", differs(APART)),
};

const RESOURCE_KEYS: Keys<Service> = {
  limits: ignored(SIZE),
  reservations: reads((value, service) => keysOf(value, RESERVATION_KEYS, service, "reservations")),
};

/** The keys of `deploy`. */
export const DEPLOY_KEYS: Keys<Service> = {
  replicas: reads(containers),
  mode: differs("an application has as many containers as are declared", "replicated"),
  resources: reads((value, service) => keysOf(value, RESOURCE_KEYS, service, "resources")),
  restart_policy: reads((value, service) => keysOf(value, RESTART_POLICY_KEYS, service, "a restart policy")),
  placement: ignored(NODES),
  endpoint_mode: ignored("names lead to the containers themselves"),
  labels: ignored(NOT_VISIBLE),
  ...each("update_config rollback_config", ignored(HOW_CHANGED)),
};

/** Keys for what stack files cannot express: an application's other arguments, and links to leave out. */
const TUTUM_KEYS: Keys<Service> = {
  name: reads((value, service) => service.set("name", value.known(), value)),
  size: reads((value, service) => service.set("containerSize", value.oneOf(CONTAINER_SIZES), value)),
  autoreplace: reads((value, service) => service.set("autoreplace", policy(value), value)),
  webPublicDns: reads((value, service) => service.set("webPublicDns", value.text(), value)),
  running: reads((value, service) => service.set("running", value.boolean(), value)),
  account: reads((value, service) => service.set("account", value.known(), value)),
  unlinked: reads((value, service) => {
    for (const item of value.items()) {
      const name = item.known();
      if (name !== undefined) service.unlinked.set(name, item);
    }
  }),
};

export const SERVICE_KEYS: Keys<Service> = {
  // Tutum's stack file, in the order of its documentation.
  image: reads((value, service) => service.set("image", value.text(), value)),
  environment: reads(environment),
  links: ofEach(link),
  ports: ofEach(port),
  expose: {
    verdict: "warning",
    read(value, service) {
      for (const item of value.items()) {
        item.warn(
          "becomes a port like those of `ports`: there are no ports that only other applications reach.",
        );
        port(item, service);
      }
    },
  },
  volumes: differs(VOLUMES),
  volumes_from: differs(VOLUMES),
  tags: ignored(NODES),
  target_num_containers: reads(containers),
  autorestart: reads((value, service) => service.set("autorestart", policy(value), value)),
  autodestroy: reads((value, service) => service.set("autodestroy", policy(value), value)),
  deployment_strategy: reads((value, service, at) => {
    // One container on every node: another number of them.
    const key =
      value.raw?.toLowerCase() === "every_node" ? DEPLOY_KEYS.mode : ignored(NODES, "emptiest_node");
    key?.read(value, service, at);
  }),
  sequential_deployment: ignored("the server decides whether containers are launched one after another"),
  roles: reads((value, service) => {
    const roles = value.items().map(item => item.oneOf(["global"]));
    service.set(
      "roles",
      roles.filter(role => role !== undefined),
      value,
    );
  }),
  autoredeploy: ignored("a new image is deployed by a change of `image`"),
  privileged: differs(RIGHTS),
  command: reads((value, service) => service.set("runCommand", commandLine(value, service), value)),
  entrypoint: reads((value, service) => service.set("entrypoint", commandLine(value, service), value)),
  cpu_shares: ignored(SIZE),
  mem_limit: ignored(SIZE),

  // Documented as not supported in Tutum's stack file.
  env_file: reads(environmentFile),
  build: reads((_value, service, at) => {
    if (service.place.has("image")) at.warn("is ignored: nothing is built here. Push the image first.");
    else at.error("nothing is built here: push an image, and give its name as `image`.");
  }),
  ...each("dns dns_search domainname hostname", differs(NAMES)),
  net: differs(NAMES, "bridge"),
  external_links: differs("others are reached through `links`, by their unique names"),
  working_dir: differs(IMAGE),
  user: differs(IMAGE),
  ...each("cap_add cap_drop", differs(RIGHTS)),
  ...each("stdin_open tty", differs("containers have neither input nor terminal")),

  // Compose.
  container_name: reads((value, service) => service.set("name", value.known(), value)),
  depends_on: reads(dependsOn),
  scale: reads(containers),
  deploy: reads((value, service) => keysOf(value, DEPLOY_KEYS, service, "deploy")),
  restart: reads(restart),
  healthcheck: ignored("a container counts as ready when it runs"),
  // Read before the others: a service whose profiles are not enabled is left out.
  profiles: reads(() => undefined),
  networks: reads(networksOf),
  network_mode: differs(NAMES, "bridge"),
  extends: reads((_value, _service, at) =>
    at.error("is not followed: write here what the other service has, or include it by `<<` and an anchor."),
  ),
  ...each(
    `blkio_config cgroup_parent cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset
    mem_reservation mem_swappiness memswap_limit oom_kill_disable oom_score_adj pids_limit storage_opt`,
    ignored(SIZE),
  ),
  ...each("annotations attach label_file labels log_driver log_opt logging", ignored(NOT_VISIBLE)),
  develop: ignored("it is for the machine where the image is made"),
  init: ignored("the server decides what reaps processes"),
  platform: ignored("it is the nodes'"),
  ...each("pull_policy pull_refresh_after", ignored("the server decides when it pulls an image")),
  stop_grace_period: ignored("the server decides how long it waits"),
  stop_signal: differs("containers are stopped by SIGTERM, or by the signal of their image"),
  ...each("dns_opt extra_hosts mac_address", differs(NAMES)),
  ...each("group_add userns_mode security_opt credential_spec", differs(RIGHTS)),
  ...each("cgroup device_cgroup_rules devices gpus pid use_api_socket uts", differs(APART)),
  ipc: differs(APART, "private", "shareable", "none"),
  isolation: differs(APART, "default"),
  runtime: differs("the server decides what runs containers", "runc"),
  ...each("configs secrets", differs(FILES)),
  ...each("read_only tmpfs volume_driver", differs("containers have one file system, their own")),
  ...each("shm_size sysctls ulimits", differs("containers have the limits of their host")),
  ...each("post_start pre_stop", differs("nothing is run in a container besides its command")),
  models: differs("there are no models"),
  provider: differs("every service is an application"),
  "x-tutum": reads((value, service) => keysOf(value, TUTUM_KEYS, service, "x-tutum")),
};

/** The top level of a Compose file. */
export interface ComposeFile {
  name?: string;
}

/** The keys outside of services in a Compose file. What only services use is a problem where one uses it. */
export const COMPOSE_KEYS: Keys<ComposeFile> = {
  services: reads(() => undefined),
  // In old files only, without meaning.
  version: reads(() => undefined),
  name: reads((value, file) => {
    file.name = value.known();
  }),
  networks: reads(networkDeclarations),
  volumes: ignored("there are no volumes"),
  ...each("configs secrets", ignored("only the services that use one are concerned")),
  models: ignored("there are no models"),
  include: reads((_value, _file, at) =>
    at.error("names other files, which are not read: write here what they have."),
  ),
};

/** A list, item by item. */
function ofEach(read: (item: Value, service: Service) => void): Keys<Service>[string] {
  return reads((value, service) => {
    for (const item of value.items()) read(item, service);
  });
}

function containers(value: Value, service: Service): void {
  service.set("targetNumContainers", value.text(value.parts(), { number: true }), value);
}

const POLICIES = { off: "OFF", on_failure: "ON_FAILURE", always: "ALWAYS" } as const;

/** Readers of older YAML take `off` for false. */
function policy(value: Value): string | undefined {
  if (value.raw === "false") return POLICIES.off;
  const chosen = value.oneOf(Object.keys(POLICIES) as (keyof typeof POLICIES)[]);
  return chosen && POLICIES[chosen];
}

const RESTART: Readonly<Record<string, string>> = {
  no: POLICIES.off,
  none: POLICIES.off,
  false: POLICIES.off,
  "on-failure": POLICIES.on_failure,
  always: POLICIES.always,
  any: POLICIES.always,
  "unless-stopped": POLICIES.always,
};

function restart(value: Value, service: Service): void {
  const isCounted = value.raw?.startsWith("on-failure:");
  const policy = isCounted
    ? "on-failure"
    : value.oneOf(["no", "false", "on-failure", "always", "unless-stopped"]);
  if (policy === undefined) return;
  if (policy === "unless-stopped")
    value.warn("is taken as always: containers that were stopped on purpose stay so in any case.");
  if (isCounted) value.warn("is taken as on-failure: restarts are not counted.");
  service.set("autorestart", RESTART[policy], value);
}

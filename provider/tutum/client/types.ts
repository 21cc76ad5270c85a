/**
 * The wire shapes of the Tutum API v1, in its own snake_case. The server implements these same types.
 * Source: "Tutum API" (spring 2014), sections Applications and Containers.
 */

/** Sizes of a container. Default: `XS`. */
export const CONTAINER_SIZES = ["XS", "S", "M", "L", "XL"] as const;
export type ContainerSize = (typeof CONTAINER_SIZES)[number];

/** When the server acts on a container that stopped: never, on a non-zero exit code, or on any exit. */
export const AUTO_POLICIES = ["OFF", "ON_FAILURE", "ALWAYS"] as const;
export type AutoPolicy = (typeof AUTO_POLICIES)[number];

export const PORT_PROTOCOLS = ["tcp", "udp"] as const;
export type PortProtocol = (typeof PORT_PROTOCOLS)[number];

/** Tutum API roles an application can be granted; its containers then receive `TUTUM_AUTH`. */
export const ROLES = ["global"] as const;

/** Labels of an application's state. A server may know more: unknown labels are shown, never rejected. */
export const APPLICATION_STATES = [
  "Init",
  "Not running",
  "Starting",
  "Running",
  "Partly running",
  "Scaling",
  "Redeploying",
  "Stopping",
  "Stopped",
  "Start failed",
  "Stopped with errors",
  "Terminating",
  "Terminated",
] as const;
export type ApplicationState = (typeof APPLICATION_STATES)[number];

/** RFC 2822 date in UTC with an unpadded day, as in `Sun, 6 Apr 2014 17:59:42 +0000`; null when it does not apply. */
export type Datetime = string | null;

export interface ApplicationPort {
  application: string;
  inner_port: number;
  /** Always null on an application; each container has its own. */
  outer_port: number | null;
  protocol: PortProtocol;
}

export interface ApplicationEnvvar {
  application: string;
  key: string;
  value: string;
}

/** A link as newer endpoints show it; older ones show the target's resource URI alone. */
export interface ApplicationLink {
  to_application: string;
  name: string;
}

/** What applications and containers have in common. */
interface Described {
  autodestroy: AutoPolicy;
  autoreplace: AutoPolicy;
  autorestart: AutoPolicy;
  container_size: ContainerSize;
  deployed_datetime: Datetime;
  destroyed_datetime: Datetime;
  entrypoint: string;
  /** Resource URI of the image and tag: `/api/v1/image/tutum/hello-world/tag/latest/`. */
  image_tag: string;
  /** `tutum/hello-world:latest`; absent on the oldest endpoints. */
  image_name?: string;
  /** A container's is its application's. */
  name: string;
  public_dns?: string;
  resource_uri: string;
  run_command: string;
  started_datetime: Datetime;
  /** Kept after a restart. */
  stopped_datetime: Datetime;
  /** A container's is `<application's unique name>-<n>`. */
  unique_name: string;
  uuid: string;
}

/** What details have beyond lists. */
interface Detailed {
  /** An application's: the variables of its running containers. A container's: its own. For those who link to it. */
  link_variables: Record<string, string>;
  linked_from_application: (string | ApplicationLink)[];
  linked_to_application: (string | ApplicationLink)[];
  roles: string[];
}

/** An application as lists show it. */
export interface ApplicationSummary extends Described {
  container_ports: ApplicationPort[];
  /** Deployed containers in any state but terminated. */
  current_num_containers: number;
  running_num_containers: number;
  state: ApplicationState;
  stopped_num_containers: number;
  target_num_containers: number;
  web_public_dns?: string | null;
}

/** An application as GET of one, and every POST, PATCH and DELETE, answers it. */
export interface Application extends ApplicationSummary, Detailed {
  container_envvars: ApplicationEnvvar[];
  /** Resource URIs of the containers, without terminated ones. */
  containers: string[];
}

/** Body of `POST /api/v1/application/`. */
export interface ApplicationCreate {
  image: string;
  name?: string;
  container_size?: ContainerSize;
  target_num_containers?: number;
  run_command?: string;
  entrypoint?: string;
  container_ports?: { protocol: PortProtocol; inner_port: number }[];
  container_envvars?: { key: string; value: string }[];
  linked_to_application?: (string | ApplicationLink)[];
  autorestart?: AutoPolicy;
  autoreplace?: AutoPolicy;
  autodestroy?: AutoPolicy;
  roles?: string[];
  web_public_dns?: string;
}

/** Body of `PATCH /api/v1/application/<uuid>/`. An empty `web_public_dns` clears it. */
export interface ApplicationUpdate {
  target_num_containers?: number;
  web_public_dns?: string;
  autorestart?: AutoPolicy;
  autoreplace?: AutoPolicy;
  autodestroy?: AutoPolicy;
}

/** Filters of `GET /api/v1/application/`: exact and ANDed. */
export interface ApplicationFilters {
  name?: string;
  uuid?: string;
  uuid__startswith?: string;
  state?: ApplicationState | (string & {});
  unique_name?: string;
}

/** One page of a list. */
export interface Page<T> {
  meta: { limit: number; next: string | null; offset: number; previous: string | null; total_count: number };
  objects: T[];
}

/** Labels of a container's state. */
export const CONTAINER_STATES = [
  "Starting",
  "Running",
  "Stopping",
  "Stopped",
  "Start failed",
  "Stopped with errors",
  "Terminating",
  "Terminated",
] as const;
export type ContainerState = (typeof CONTAINER_STATES)[number];

export interface ContainerPort {
  container: string;
  inner_port: number;
  /** Port of the host, from 49153; kept over stop and start. */
  outer_port: number | null;
  protocol: PortProtocol;
}

export interface ContainerEnvvar {
  container: string;
  key: string;
  value: string;
}

/** A container as lists show it. */
export interface ContainerSummary extends Described {
  /** Resource URI of its application. */
  application: string;
  container_ports: ContainerPort[];
  /** Null until the container first exits; kept until the next exit. */
  exit_code: number | null;
  /** `Exit code 0 (Success)`. */
  exit_code_msg: string | null;
  state: ContainerState;
}

/** A container as GET of one, and every POST and DELETE, answers it. */
export interface Container extends ContainerSummary, Detailed {
  /** The user's, links' and role's variables, as they were when the container was launched. */
  container_envvars: ContainerEnvvar[];
}

/** Filters of `GET /api/v1/container/`: exact and ANDed. */
export interface ContainerFilters {
  /** In the documents' text the container's name, in their example its unique name: servers match either. */
  name?: string;
  unique_name?: string;
  uuid?: string;
  uuid__startswith?: string;
  state?: ContainerState | (string & {});
  application__name?: string;
  application__unique_name?: string;
  application__uuid?: string;
  application__uuid__startswith?: string;
  application__state?: ApplicationState | (string & {});
}

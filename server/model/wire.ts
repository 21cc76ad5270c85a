/** Wire shapes of containers and of what the server adds to the documented ones. */
import type {
  ApplicationLink,
  AutoPolicy,
  ContainerSize,
  Datetime,
  PortProtocol,
} from "../../provider/tutum/client/types";

export type ContainerState =
  | "Starting"
  | "Running"
  | "Stopping"
  | "Stopped"
  | "Start failed"
  | "Stopped with errors"
  | "Terminating"
  | "Terminated";

export interface ContainerPort {
  container: string;
  inner_port: number;
  outer_port: number;
  protocol: PortProtocol;
}

export interface ContainerEnvvar {
  container: string;
  key: string;
  value: string;
}

/** A container as lists show it. */
export interface ContainerSummary {
  application: string;
  autodestroy: AutoPolicy;
  autoreplace: AutoPolicy;
  autorestart: AutoPolicy;
  container_ports: ContainerPort[];
  container_size: ContainerSize;
  deployed_datetime: Datetime;
  destroyed_datetime: Datetime;
  entrypoint: string;
  exit_code: number | null;
  exit_code_msg: string | null;
  image_tag: string;
  name: string;
  public_dns: string;
  resource_uri: string;
  run_command: string;
  started_datetime: Datetime;
  state: ContainerState;
  stopped_datetime: Datetime;
  unique_name: string;
  uuid: string;
}

/** A container as GET of one, and every POST and DELETE, answers it. */
export interface Container extends ContainerSummary {
  container_envvars: ContainerEnvvar[];
  link_variables: Record<string, string>;
  linked_from_application: string[];
  linked_to_application: LinkView[];
  roles: string[];
}

/** A link made with an alias is shown as an object, one made without as the target's URI. */
export type LinkView = string | (ApplicationLink & { from_application: string });

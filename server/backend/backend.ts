/**
 * What runs containers. The model decides names, ports, environment and policies; a backend only carries out orders
 * and reports what became of them as events. Orders are accepted, not finished, when their promise resolves.
 */
import type { ContainerSize } from "../../provider/tutum/client/types";
import type { Envvar, OuterPort } from "../model/records";

export interface ContainerSpec {
  /** The container's uuid: the key of all orders and events. */
  id: string;
  name: string;
  node: string;
  image: { name: string; tag: string };
  /** Empty: as defined in the image. */
  command: string;
  entrypoint: string;
  env: Envvar[];
  ports: readonly OuterPort[];
  size: ContainerSize;
}

/** Why a container is launched; a hint for backends that treat them differently. */
export type LaunchReason = "deploy" | "scale";

export type ContainerStatus = "starting" | "running" | "stopping" | "exited" | "removing";

export type BackendEvent =
  | { type: "running"; id: string }
  | { type: "start-failed"; id: string; reason: string }
  | { type: "exited"; id: string; code: number }
  | { type: "removed"; id: string };

export interface Backend {
  launch(spec: ContainerSpec, reason: LaunchReason): Promise<void>;
  start(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  /** Also of one that runs, or that the backend no longer has: `removed` is reported in every case. */
  remove(id: string): Promise<void>;
  /** Ends a running container's process with this exit code; only simulated ones can be told to. */
  exit?(id: string, code: number): Promise<void>;
  logs(id: string): Promise<string>;
  inspect(id: string): Promise<{ status: ContainerStatus; exitCode: number | null } | undefined>;
  events(listener: (event: BackendEvent) => void): void;
  /** Names of the machines containers can be placed on, as last seen. */
  nodes(): readonly string[];
  health(): Promise<{ ok: boolean; message: string }>;
  /**
   * What the model knows and the backend may not: all containers when the server starts again, and such as were
   * put into the model as they are (seeds). The backend takes over from there.
   */
  adopt(containers: { spec: ContainerSpec; status: ContainerStatus }[]): Promise<void>;
  /** No event is reported afterwards. */
  close(): Promise<void>;
}

/**
 * What runs containers. The model decides names, ports, environment and policies; a backend only carries out orders
 * and reports what became of them as events. Orders are accepted, not finished, when their promise resolves.
 */
import type { ContainerSize } from "../../../../provider/tutum/client/types";
import type { Envvar, InnerPort, OuterPort } from "./records";

export interface ImageReference {
  /** With registry: `quay.io/me/app`. */
  name: string;
  tag: string;
}

/** What an image says of itself: what counts where an application says nothing. */
export interface ImageDefaults {
  ports: InnerPort[];
  /** As one would type it; empty when it has none. */
  run_command: string;
  entrypoint: string;
}

export interface ContainerSpec {
  /** The container's uuid: the key of all orders and events. */
  id: string;
  /** Uuid of its application. */
  application: string;
  /** Unique among all containers of this server: `web-1`. */
  name: string;
  node: string;
  image: ImageReference;
  /** For the image's registry. */
  credentials?: { username: string; password: string };
  /** Split as a shell would. Empty: as defined in the image. */
  command: string;
  entrypoint: string;
  /** On top of the image's own variables. */
  env: readonly Envvar[];
  /** Undefined: nobody knows which yet. The backend fetches the image, reports `image`, and waits for another launch. */
  ports: readonly OuterPort[] | undefined;
  size: ContainerSize;
  /** DNS names that must lead its process to the outer ports of these containers (itself included). */
  hosts: readonly { name: string; container: string }[];
  /** Short names for containers it is linked to, where the backend can offer them: they lead to the inner ports. */
  links: readonly { name: string; container: string }[];
}

/** Why a container is launched; a hint for backends that treat them differently. */
export type LaunchReason = "deploy" | "scale";

export type ContainerStatus = "starting" | "running" | "stopping" | "exited" | "removing";

export type BackendEvent =
  | { type: "running"; id: string }
  /** It was started, and does not count as running yet: what for it is waited. */
  | { type: "waiting"; id: string; message: string }
  /** What the image says, instead of a launch without ports. */
  | { type: "image"; id: string; defaults: ImageDefaults }
  /** Others have these outer ports on its node: it was not started, and nothing of it is left. */
  | { type: "ports-taken"; id: string; ports: number[] }
  /** In the words of what runs it. */
  | { type: "start-failed"; id: string; reason: string }
  /** `message` says more than the code, as in "Out of memory". */
  | { type: "exited"; id: string; code: number; message?: string }
  /** It ended because what runs it did (a daemon was restarted), not of itself: it is to be started again. */
  | { type: "interrupted"; id: string }
  /** It is gone without an order: removed by hand, or its node is lost. */
  | { type: "lost"; id: string; reason: string }
  | { type: "removed"; id: string };

export interface BackendNode {
  name: string;
  /** Whether containers can be placed on it now. */
  up: boolean;
  /** Whether what is on it can be seen now. */
  answers: boolean;
  /** Outer ports on it that belong to others, as far as known. */
  takenPorts: ReadonlySet<number>;
}

export interface BackendHealth {
  ok: boolean;
  message: string;
  /** Names of containers that carry this server's label although it has no record of them. */
  unknown?: string[];
}

export interface Backend {
  /** Nothing really runs: containers may be declared to run, and told to exit. */
  readonly simulated: boolean;
  /** Where the next container goes: always the first node with room, or the one with the fewest containers. */
  readonly placement: "fill" | "spread";
  /** Whether it wants an application's containers one after another, or all at once. */
  readonly launching: "in-turn" | "together";
  /** Undefined: it has to be fetched first, a launch will tell. */
  image(image: ImageReference): Promise<ImageDefaults | undefined>;
  launch(spec: ContainerSpec, reason: LaunchReason): Promise<void>;
  /** One that is gone meanwhile, or never came to be, is launched from this spec. */
  start(spec: ContainerSpec): Promise<void>;
  stop(id: string): Promise<void>;
  /** Also of one that runs, or that the backend no longer has: `removed` is reported in every case. */
  remove(id: string): Promise<void>;
  /** Ends a running container's process with this exit code; only simulated ones can be told to. */
  exit?(id: string, code: number): Promise<void>;
  /** What its processes wrote, also when it has exited or was removed minutes ago. */
  logs(id: string): Promise<string>;
  events(listener: (event: BackendEvent) => void): void;
  /** The machines containers can be placed on, as last seen. */
  nodes(): readonly BackendNode[];
  /** Host under which a container's outer ports are reached from the server; undefined when they are not. */
  address(id: string): string | undefined;
  /** Address of this machine under which containers reach it; undefined when there is none that all of them do. */
  hostAddress(): string | undefined;
  health(): Promise<BackendHealth>;
  /**
   * What the model knows and the backend may not: all containers when the server starts again, and such as were
   * put into the model as they are (seeds). The backend takes over from there: what is true by then is reported.
   */
  adopt(containers: { spec: ContainerSpec; status: ContainerStatus }[]): Promise<void>;
  /** Removes all containers with this server's label, also those it has no record of, and nothing else. No events. */
  clear(): Promise<void>;
  /** No event is reported afterwards. Containers that are real go on running; without any, nothing is left behind. */
  close(): Promise<void>;
}

/**
 * What the server knows about applications and containers, as it is kept in memory and on disk.
 * Records are never changed, only replaced: undoing a change and taking a snapshot need no copies.
 * Times are milliseconds since 1970. The shapes clients see are made from these in `*-view.ts`.
 */
import type {
  ApplicationState,
  AutoPolicy,
  ContainerSize,
  ContainerState,
  PortProtocol,
} from "../../../../provider/tutum/client/types";

export interface Envvar {
  key: string;
  value: string;
}

export interface InnerPort {
  protocol: PortProtocol;
  inner_port: number;
}

export interface OuterPort extends InnerPort {
  outer_port: number;
}

/** A link to another application; with an alias, its variables carry the alias instead of the target's name. */
export interface Link {
  to: string;
  alias?: string;
}

interface Dates {
  deployedAt: number | null;
  startedAt: number | null;
  stoppedAt: number | null;
  destroyedAt: number | null;
}

export interface ApplicationRecord extends Readonly<Dates> {
  readonly uuid: string;
  readonly name: string;
  readonly uniqueName: string;
  readonly image: { readonly name: string; readonly tag: string };
  readonly containerSize: ContainerSize;
  readonly target: number;
  readonly runCommand: string;
  readonly entrypoint: string;
  readonly ports: readonly InnerPort[];
  readonly envvars: readonly Envvar[];
  readonly links: readonly Link[];
  readonly autorestart: AutoPolicy;
  readonly autoreplace: AutoPolicy;
  readonly autodestroy: AutoPolicy;
  readonly roles: readonly string[];
  readonly webPublicDns: string | null;
  /** What is not set by the application and therefore as the image says. Absent: it was not recorded. */
  readonly fromImage?: readonly ("ports" | "runCommand" | "entrypoint")[];
  /** The image is not there yet, so nobody knows what it says: the first launch will tell. */
  readonly undetermined?: boolean;
  /** Its containers are launched one after another, also where all at once could be. */
  readonly sequential?: boolean;
  readonly state: ApplicationState;
  /** Number of the next container; numbers are never used again. */
  readonly nextNumber: number;
  /** When containers were replaced by the autoreplace policy, for its limit. */
  readonly replacedAt: readonly number[];
}

/**
 * Where a container is between model and backend: not handed over yet, handed over, or being removed there
 * in order to be launched again under the same identity (redeploy).
 */
export type Phase = "waiting" | "launched" | "relaunching";

export interface ContainerRecord extends Readonly<Dates> {
  readonly uuid: string;
  readonly application: string;
  readonly number: number;
  readonly uniqueName: string;
  readonly node: string;
  readonly ports: readonly OuterPort[];
  readonly state: ContainerState;
  readonly phase: Phase;
  readonly exitCode: number | null;
  /** Why it did not start, or more about its end than the code says. */
  readonly message?: string;
  /** What one that is `Starting` waits for, when that takes long. */
  readonly waitsFor?: string;
  /**
   * What the process gets besides the application's own variables, fixed when the container is launched; null before.
   * Of those that an earlier version launched, the application's own too.
   */
  readonly envvars: readonly Envvar[] | null;
  /** When the autorestart policy started it again, for its limit. */
  readonly restartedAt: readonly number[];
}

import type { CheckResult } from "../table/check";
import type { Diff } from "../table/diff";
import type { Values } from "../table/field";

/** Where settings come from: the stack's configuration, secrets decrypted. */
export type StackConfig = (key: string) => string | undefined;

/**
 * Calls back when the process ends. In peace: the engine ended it, and what that was told is in the state, or will be.
 * Else the engine is gone, or was cancelled, and saves nothing more.
 */
export type OnEnd = (callback: (inPeace: boolean) => void) => void;

/** One call of the engine, as far as the lifecycle may know of it. */
export interface Operation {
  readonly name: "check" | "diff" | "preview" | "create" | "read" | "update" | "remove";
  /** The resource's name in the program, when the engine said so. */
  readonly resource?: string;
  /** Whether it is for a preview alone. Undefined when the engine did not say: a check looks the same in an `up`. */
  readonly dryRun?: boolean;
  /** Aborted when the user cancels the run, with what to tell them. Whatever waits ends then. */
  readonly signal: AbortSignal;
  /** Milliseconds that `customTimeouts` allow, when the engine said so. */
  readonly timeout?: number;
  /** Shown beside the resource while it is worked on, and gone afterwards. */
  report(message: string): void;
  /** For the user to read after the run; not an error. */
  warn(message: string): void;
  /** A warning about the whole stack, told once however many resources it is true of; nothing is no warning. */
  announce?(message: string | undefined): void;
}

/** A resource as the state has it. */
export interface Recorded {
  /** Absent when the engine does not hand them over. */
  inputs?: Values;
  outputs: Values;
}

/**
 * A resource's lifecycle, free of the host that calls it: plain values in and out, `UNKNOWN` where a preview does
 * not know yet. `Context` is what one operation needs of the world (a client, a clock).
 */
export interface Lifecycle<Context> {
  /** Called once for a provider process. What it returns makes the context of each operation on given values. */
  open(config: StackConfig, onEnd: OnEnd): (operation: Operation, values: Values) => Context;
  check(context: Context, oldInputs: Values, inputs: Values): CheckResult;
  diff(context: Context, id: string, old: Recorded, inputs: Values): Diff;
  /**
   * The outputs as far as they are known before a creation, or before an update of what has `oldOutputs`. An unknown
   * one is `UNKNOWN`; none is known that could turn out to be another.
   */
  preview(context: Context, inputs: Values, oldOutputs?: Values): Values;
  create(context: Context, inputs: Values): Promise<{ id: string; outputs: Values }>;
  /** Undefined when the resource is proved to be gone. Without `oldOutputs`' own marks it is a first look-up. */
  read(
    context: Context,
    id: string,
    oldOutputs: Values,
  ): Promise<{ id: string; inputs: Values; outputs: Values } | undefined>;
  update(context: Context, id: string, oldOutputs: Values, inputs: Values): Promise<{ outputs: Values }>;
  remove(context: Context, id: string, oldOutputs: Values): Promise<void>;
}

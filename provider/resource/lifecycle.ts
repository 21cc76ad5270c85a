import type { CheckResult } from "./check";
import type { Changes } from "./diff";
import type { Values } from "./field";

/** Where settings come from: the stack's configuration, secrets decrypted. */
export type StackConfig = (key: string) => string | undefined;

/**
 * A resource's lifecycle, free of the host that calls it: plain values in and out, `UNKNOWN` where a preview does
 * not know yet. `Context` is what the resource needs of the world (a client, a clock), one for a provider process.
 */
export interface Lifecycle<Context> {
  context(config: StackConfig): Context;
  check(context: Context, oldInputs: Values, inputs: Values): CheckResult;
  diff(context: Context, id: string, oldOutputs: Values, inputs: Values): Changes;
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

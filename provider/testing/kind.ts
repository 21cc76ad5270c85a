import type { ResourceKind } from "../resource/kind";
import type { StackConfig } from "../resource/lifecycle/lifecycle";
import type { CheckResult } from "../resource/table/check";
import type { Values } from "../resource/table/field";

/** What mocks ask of a kind of resource. All is the same in every run, so that snapshots can be kept. */
export interface MockedKind extends ResourceKind {
  /** As the provider checks the arguments, with the stack's configuration. */
  check(config: StackConfig, given: Values): CheckResult;
  /** An id of the server's form; `key` is the resource's own among those of its kind. */
  idOf(key: string): string;
  /**
   * The outputs, as an empty server would give them once the resource is as declared. `name` is its name made unique
   * among those of its kind: `web-2`.
   */
  outputsOf(inputs: Values, made: { id: string; name: string }): Values;
  /** The arguments of one that the program reads: it exists, and has nothing but defaults. */
  existing(name: string, given: Values): Values;
}

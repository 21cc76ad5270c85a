import { type Clock, systemClock } from "../../http/clock";
import type { StackConfig } from "../../resource/lifecycle";
import { TutumClient } from "../client";

/** What the lifecycle needs of the world. One for all resources of a provider process. */
export interface ApplicationContext {
  /** Throws `TutumConfigError` when endpoint or credentials are missing: only what asks the server needs them. */
  readonly client: TutumClient;
  /** The stack's identity, from its configuration (`tutum:owner`). */
  readonly identity: string | undefined;
  /** Applications that belong to a resource already: a creation never takes one of them for its own. */
  readonly known: Set<string>;
  /** Applications that a creation of this process found instead of making them. */
  readonly adopted: Set<string>;
  readonly clock: Clock;
}

/** How long one operation may wait when `customTimeouts` says nothing, in seconds. */
export const DEFAULT_DEADLINE = 600;

export function applicationContext(config: StackConfig): ApplicationContext {
  let client: TutumClient | undefined;
  return {
    get client() {
      client ??= new TutumClient({
        endpoint: config("tutum:endpoint"),
        user: config("tutum:user"),
        apikey: config("tutum:apikey"),
      });
      return client;
    },
    identity: config("tutum:owner"),
    known: new Set(),
    adopted: new Set(),
    clock: systemClock,
  };
}

import type { StackConfig } from "../../resource/lifecycle";
import { TutumClient } from "../client";

/** What the lifecycle needs of the world: the account's client. */
export interface ApplicationContext {
  client: TutumClient;
}

/** How long one operation may wait when `customTimeouts` says nothing, in seconds. */
export const DEFAULT_DEADLINE = 600;

const contexts = new WeakMap<StackConfig, ApplicationContext>();

/** One client, so one poller and one set of connections, for all resources of a provider process. Throws when endpoint or credentials are missing. */
export function applicationContext(config: StackConfig): ApplicationContext {
  let context = contexts.get(config);
  if (!context) {
    const client = new TutumClient({
      endpoint: config("tutum:endpoint"),
      user: config("tutum:user"),
      apikey: config("tutum:apikey"),
    });
    context = { client };
    contexts.set(config, context);
  }
  return context;
}

import type { StackConfig } from "../../resource/lifecycle";
import { SettlingPoller, TutumClient } from "../client";

/** What the lifecycle needs of the world: the account's client, and its one poller. */
export interface ApplicationContext {
  client: TutumClient;
  poller: SettlingPoller;
}

/** How long one operation may wait when `customTimeouts` says nothing, in seconds. */
export const DEFAULT_DEADLINE = 600;

const contexts = new WeakMap<StackConfig, ApplicationContext>();

/** One client and one poller for all resources of a provider process. Throws when endpoint or credentials are missing. */
export function applicationContext(config: StackConfig): ApplicationContext {
  let context = contexts.get(config);
  if (!context) {
    const client = new TutumClient({
      endpoint: config("tutum:endpoint"),
      user: config("tutum:user"),
      apikey: config("tutum:apikey"),
    });
    context = { client, poller: new SettlingPoller(client.applications) };
    contexts.set(config, context);
  }
  return context;
}

import type { OvhSettings } from "./client/configuration";

/** Settings in a stack's configuration, by what the client calls them. */
export const STACK_KEYS = {
  endpoint: "ovh:endpoint",
  applicationKey: "ovh:applicationKey",
  applicationSecret: "ovh:applicationSecret",
  consumerKey: "ovh:consumerKey",
  clientId: "ovh:clientId",
  clientSecret: "ovh:clientSecret",
} as const satisfies Record<keyof OvhSettings, string>;

/** What a stack's configuration gives the client in code. */
export function stackSettings(config: (key: string) => string | undefined): OvhSettings {
  return Object.fromEntries(Object.entries(STACK_KEYS).map(([setting, key]) => [setting, config(key)]));
}

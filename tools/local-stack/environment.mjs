// The environment in which Pulumi runs the local stack.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { LOCAL } from "../clone.mjs";

export const STACK = "local";
export const STATE = path.join(LOCAL, "state");
export const PASSPHRASE = path.join(LOCAL, "passphrase");

/**
 * None of the user's own PULUMI_* variables get in: their backend, token or stack is not this one's business.
 * @param {string} pulumi the CLI's path
 * @param {NodeJS.ProcessEnv} [user]
 * @returns {NodeJS.ProcessEnv}
 */
export function stackEnvironment(pulumi, user = process.env) {
  const others = Object.entries(user).filter(([name]) => !name.startsWith("PULUMI_"));
  return {
    ...Object.fromEntries(others),
    PATH: `${path.dirname(pulumi)}${path.delimiter}${user.PATH ?? ""}`,
    PULUMI_HOME: path.join(LOCAL, "pulumi-home"),
    PULUMI_STACK: STACK,
    PULUMI_BACKEND_URL: pathToFileURL(STATE).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
}

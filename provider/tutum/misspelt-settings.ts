import * as pulumi from "@pulumi/pulumi";
import { nearest } from "../resource/table/schema";

const SETTINGS = ["endpoint", "user", "apikey", "accounts", "accountRequired", "owner"];
const NAMESPACE = "tutum:";

/**
 * A setting of nearly the name of one is an error: `tutum:acountRequired` would guard nothing. Only a program sees all of
 * the configuration. One of a project that is itself called tutum may have names of its own.
 */
export function refuseMisspeltSettings(): void {
  if (pulumi.getProject() === "tutum") return;
  for (const key of Object.keys(pulumi.runtime.allConfig())) {
    if (!key.startsWith(NAMESPACE)) continue;
    const name = key.slice(NAMESPACE.length);
    const near = SETTINGS.includes(name) ? undefined : nearest(name, SETTINGS);
    if (near !== undefined)
      throw new pulumi.RunError(`Stack config ${key} is no setting; did you mean "${NAMESPACE}${near}"?`);
  }
}

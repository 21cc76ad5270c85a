import type { Values } from "../../resource/table/field";
import { outputsOf } from "../../resource/table/outputs";
import type { Application } from "../client";
import { OUTPUTS } from "../kind";
import type { ApplicationContext } from "./context";
import { applicationFields } from "./fields";
import { markOf } from "./owner";

/** The outputs of every create, read and update: what the server said, and where it said it. */
export function toOutputs(
  { client }: ApplicationContext,
  application: Application,
  declared: Values,
): Values {
  return {
    ...applicationOutputs(application, declared),
    owner: markOf(application),
    endpoint: client.endpoint,
    userHash: client.userHash,
  };
}

/** What the server said of the application. */
export function applicationOutputs(application: Application, declared: Values): Values {
  return {
    ...outputsOf(applicationFields, application, declared),
    ...Object.fromEntries(Object.entries(OUTPUTS).map(([name, of]) => [name, of(application)])),
  };
}

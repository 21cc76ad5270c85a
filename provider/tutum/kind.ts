import type { ResourceKind } from "../resource/kind";
import type { Application } from "./client/types";
import { applicationFields } from "./lifecycle/fields";

/** The outputs that are no arguments, and what of the server's response each is. */
export const OUTPUTS = {
  uniqueName: application => application.unique_name,
  state: application => application.state,
  publicDns: application => application.public_dns,
  currentNumContainers: application => application.current_num_containers,
  runningNumContainers: application => application.running_num_containers,
} satisfies Record<string, (application: Application) => unknown>;

export const APPLICATION = {
  type: "pulumi-nodejs:dynamic/tutum:Application",
  noun: "application",
  className: "TutumApplication",
  table: applicationFields,
  outputs: Object.keys(OUTPUTS),
  nameProperty: "name",
} satisfies ResourceKind;

/** Type token of the component that holds applications together. */
export const STACK_TYPE = "tutum:index:ApplicationStack";

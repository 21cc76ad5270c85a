/** Applications: what is sent, and what is shown. */
import { count, exactly, listOf, nullable, type Schema, text } from "./schema";
import * as shared from "./shared-schemas";

const summary = {
  autodestroy: shared.policy,
  autoreplace: shared.policy,
  autorestart: shared.policy,
  container_ports: listOf(
    exactly({
      application: shared.uri("application"),
      inner_port: shared.port,
      outer_port: { type: "null" },
      protocol: shared.protocol,
    }),
  ),
  container_size: shared.size,
  current_num_containers: count,
  deployed_datetime: shared.datetime,
  destroyed_datetime: shared.datetime,
  entrypoint: text,
  image_name: text,
  image_tag: shared.imageTag,
  name: text,
  public_dns: text,
  resource_uri: shared.uri("application"),
  run_command: text,
  running_num_containers: count,
  started_datetime: shared.datetime,
  state: shared.applicationState,
  stopped_datetime: shared.datetime,
  stopped_num_containers: count,
  target_num_containers: count,
  unique_name: text,
  uuid: shared.uuid,
  web_public_dns: nullable(text),
};

export const applicationSummary = exactly(summary);

export const application = exactly({
  ...summary,
  container_envvars: listOf(exactly({ application: shared.uri("application"), key: text, value: text })),
  containers: listOf(shared.uri("container")),
  link_variables: shared.variables,
  linked_from_application: listOf(shared.uri("application")),
  linked_to_application: shared.linkedTo,
  roles: listOf(text),
});

/** Fields of a PATCH; a create takes them too. */
const changeable: Record<string, Schema> = {
  target_num_containers: { type: "integer", minimum: 1, description: "Default: 1" },
  autorestart: shared.policy,
  autoreplace: shared.policy,
  autodestroy: shared.policy,
  web_public_dns: { type: ["string", "null"], description: "A host name of your own; empty clears it" },
};

export const applicationUpdate: Schema = { type: "object", properties: changeable };

export const applicationCreate: Schema = {
  type: "object",
  required: ["image"],
  properties: {
    image: { type: "string", examples: ["tutum/hello-world"] },
    name: { type: "string", description: "Default: the image's name" },
    ...changeable,
    container_size: shared.size,
    run_command: text,
    entrypoint: text,
    container_ports: listOf({
      type: "object",
      required: ["inner_port"],
      properties: { protocol: shared.protocol, inner_port: shared.port },
    }),
    container_envvars: listOf({
      type: "object",
      required: ["key", "value"],
      properties: { key: text, value: text },
    }),
    linked_to_application: listOf({
      anyOf: [
        text,
        {
          type: "object",
          required: ["to_application"],
          properties: { to_application: text, name: { type: "string", description: "Alias" } },
        },
      ],
    }),
    roles: listOf({ type: "string", enum: ["global", "/api/v1/role/global/"] }),
    sequential_deployment: {
      type: "boolean",
      description:
        "New containers are launched one after another, each with the variables of those before it, also where all at once could be",
    },
  },
};

export const redeploy: Schema = {
  type: "object",
  properties: { tag: { type: ["string", "null"], description: "Default: the present one" } },
};

/** Applications: what is sent, and what is shown. */
import {
  ALIAS,
  APPLICATION_NAME,
  APPLICATION_REFERENCE,
  HOST_NAME,
  IMAGE_REFERENCE,
  IMAGE_TAG,
  MAX_COMMAND,
  MAX_ENVVARS,
  MAX_IMAGE,
  MAX_LINKS,
  MAX_PORTS,
  MAX_ROLES,
  MAX_VALUE,
  VARIABLE_NAME,
} from "../model/patterns";
import { DEFAULT_LIMITS } from "../model/settings";
import { count, exactly, listOf, matching, nullable, optional, type Schema, text } from "./schema";
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
  target_num_containers: optional({
    type: "integer",
    minimum: 1,
    maximum: DEFAULT_LIMITS.containersPerApplication,
    description: "Default: 1",
  }),
  autorestart: optional(shared.policy),
  autoreplace: optional(shared.policy),
  autodestroy: optional(shared.policy),
  web_public_dns: {
    anyOf: [
      matching(HOST_NAME, undefined, ["my-app.example.com", "www.example.org"]),
      { type: ["string", "null"], enum: ["", null] },
    ],
    description: "A host name of your own, of an application that has port 80/tcp; empty clears it",
  },
};

/** With one of them a PATCH is refused. */
const IMMUTABLE = [
  ...["image", "image_tag", "name", "container_size", "run_command", "entrypoint", "container_ports"],
  ...["container_envvars", "linked_to_application", "roles"],
];

export const applicationUpdate: Schema = {
  type: ["object", "null"],
  properties: {
    ...changeable,
    ...Object.fromEntries(
      IMMUTABLE.map(field => [field, { not: {}, description: "Cannot be changed after creation" }]),
    ),
  },
};

const image: Schema = {
  ...matching(IMAGE_REFERENCE, "[registry/][namespace/]name[:tag]", [
    "tutum/hello-world",
    "quay.io/me/app:1.0",
  ]),
  maxLength: MAX_IMAGE,
};
const command = optional({ type: "string", maxLength: MAX_COMMAND, pattern: "^[^\\u0000]*$" });

export const applicationCreate: Schema = {
  type: "object",
  anyOf: [
    { required: ["image"], properties: { image } },
    { required: ["image_tag"], not: { required: ["image"] }, properties: { image_tag: image } },
  ],
  properties: {
    image: { description: "Required", ...image },
    image_tag: { description: "What earlier documents call `image`; where both are, `image` counts" },
    name: {
      anyOf: [matching(APPLICATION_NAME), { type: ["string", "null"], enum: ["", null] }],
      description: "Default: the image's name",
    },
    ...changeable,
    container_size: optional(shared.size),
    run_command: command,
    entrypoint: command,
    container_ports: optional({
      ...listOf({
        type: "object",
        required: ["inner_port"],
        properties: { protocol: optional(shared.protocol), inner_port: shared.port },
      }),
      maxItems: MAX_PORTS,
      description: "Each port once",
    }),
    container_envvars: optional({
      ...listOf({
        type: "object",
        required: ["key", "value"],
        properties: {
          key: matching(VARIABLE_NAME),
          value: { type: "string", maxLength: MAX_VALUE, pattern: "^[^\\u0000]*$" },
        },
      }),
      maxItems: MAX_ENVVARS,
      description: "Each name once",
    }),
    linked_to_application: optional({
      ...listOf({
        anyOf: [
          matching(APPLICATION_REFERENCE, "Resource URI or uuid of an application that is not terminated"),
          {
            type: "object",
            required: ["to_application"],
            properties: {
              to_application: matching(APPLICATION_REFERENCE),
              name: optional(matching(ALIAS, "Alias; each once")),
            },
          },
        ],
      }),
      maxItems: MAX_LINKS,
    }),
    roles: optional({
      ...listOf({ type: "string", enum: ["global", "/api/v1/role/global/"] }),
      maxItems: MAX_ROLES,
    }),
    sequential_deployment: {
      type: ["boolean", "null"],
      description:
        "New containers are launched one after another, each with the variables of those before it, also where all at once could be",
    },
  },
};

export const redeploy: Schema = {
  type: ["object", "null"],
  properties: { tag: optional(matching(IMAGE_TAG, "Default: the present one")) },
};

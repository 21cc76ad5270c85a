/** Containers as they are shown. */
import { exactly, listOf, nullable, text } from "./schema";
import * as shared from "./shared-schemas";

const summary = {
  application: shared.uri("application"),
  autodestroy: shared.policy,
  autoreplace: shared.policy,
  autorestart: shared.policy,
  container_ports: listOf(
    exactly({
      container: shared.uri("container"),
      inner_port: shared.port,
      outer_port: shared.port,
      protocol: shared.protocol,
    }),
  ),
  container_size: shared.size,
  deployed_datetime: shared.datetime,
  destroyed_datetime: shared.datetime,
  entrypoint: text,
  exit_code: { type: ["integer", "null"], minimum: 0, maximum: 255 },
  exit_code_msg: nullable(text),
  image_name: text,
  image_tag: shared.imageTag,
  name: text,
  public_dns: text,
  resource_uri: shared.uri("container"),
  run_command: text,
  started_datetime: shared.datetime,
  state: shared.containerState,
  stopped_datetime: shared.datetime,
  unique_name: text,
  uuid: shared.uuid,
};

export const containerSummary = exactly(summary);

export const container = exactly({
  ...summary,
  container_envvars: listOf(exactly({ container: shared.uri("container"), key: text, value: text })),
  link_variables: shared.variables,
  linked_from_application: listOf(shared.uri("application")),
  linked_to_application: shared.linkedTo,
  roles: listOf(text),
});

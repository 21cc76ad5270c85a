import type { Container, ContainerSummary } from "../../../../provider/tutum/client/types";
/** Containers as the API shows them: short in lists, complete everywhere else. Keys in the documents' order. */
import { imageTagUri, linkedFrom, linkedTo } from "./application-view";
import { formatDatetime } from "./dates";
import { containerVariables, environmentOf } from "./links";
import { applicationUri, containerDns, containerUri, type Naming } from "./names";
import type { ApplicationRecord, ContainerRecord } from "./records";
import type { World } from "./world";

export function containerSummary(
  application: ApplicationRecord,
  container: ContainerRecord,
  naming: Naming,
): ContainerSummary {
  const uri = containerUri(container.uuid);
  return {
    application: applicationUri(application.uuid),
    autodestroy: application.autodestroy,
    autoreplace: application.autoreplace,
    autorestart: application.autorestart,
    container_ports: container.ports.map(port => ({
      container: uri,
      inner_port: port.inner_port,
      outer_port: port.outer_port,
      protocol: port.protocol,
    })),
    container_size: application.containerSize,
    deployed_datetime: formatDatetime(container.deployedAt),
    destroyed_datetime: formatDatetime(container.destroyedAt),
    entrypoint: application.entrypoint,
    exit_code: container.exitCode,
    exit_code_msg: exitCodeMessage(container),
    image_name: `${application.image.name}:${application.image.tag}`,
    image_tag: imageTagUri(application),
    name: application.name,
    public_dns: containerDns(container, naming),
    resource_uri: uri,
    run_command: application.runCommand,
    started_datetime: formatDatetime(container.startedAt),
    state: container.state,
    stopped_datetime: formatDatetime(container.stoppedAt),
    unique_name: container.uniqueName,
    uuid: container.uuid,
  };
}

export function containerDetails(
  world: World,
  application: ApplicationRecord,
  container: ContainerRecord,
  naming: Naming,
): Container {
  const uri = containerUri(container.uuid);
  const details = {
    ...containerSummary(application, container, naming),
    container_envvars: environmentOf(application, container).map(({ key, value }) => ({
      container: uri,
      key,
      value,
    })),
    link_variables: containerVariables(container, naming),
    linked_from_application: linkedFrom(world, application),
    linked_to_application: linkedTo(application),
    roles: [...application.roles],
  };
  return Object.fromEntries(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1))) as typeof details;
}

const MEANINGS: Record<number, string> = {
  0: "Success",
  1: "General error",
  126: "Command cannot be executed",
  127: "Command not found",
  130: "Interrupted",
  137: "Killed",
  139: "Segmentation fault",
  143: "Terminated",
};

/** Only the text for 0 is documented. One that did not start, or takes long to, says why. */
function exitCodeMessage({ state, exitCode, message, waitsFor }: ContainerRecord): string | null {
  if (state === "Starting" && waitsFor !== undefined) return waitsFor;
  if (state === "Start failed" && message !== undefined) return message;
  if (exitCode === null) return message ?? null;
  return `Exit code ${exitCode} (${message ?? MEANINGS[exitCode] ?? "Error"})`;
}

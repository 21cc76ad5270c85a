/** Applications as the API shows them: short in lists, complete everywhere else. Keys in the documents' order. */
import type {
  Application,
  ApplicationLink,
  ApplicationSummary,
  ContainerState,
} from "../../../../provider/tutum/client/types";
import { formatDatetime } from "./dates";
import { applicationVariables } from "./links";
import { applicationDns, applicationUri, containerUri, type Naming } from "./names";
import type { ApplicationRecord, ContainerRecord } from "./records";
import type { World } from "./world";

/** A link made with an alias is shown as an object, one made without as the target's URI. */
type LinkView = string | (ApplicationLink & { from_application: string });

export function applicationSummary(
  world: World,
  application: ApplicationRecord,
  naming: Naming,
): ApplicationSummary {
  const uri = applicationUri(application.uuid);
  const containers = world.containersOf(application.uuid);
  return {
    autodestroy: application.autodestroy,
    autoreplace: application.autoreplace,
    autorestart: application.autorestart,
    container_ports: application.ports.map(port => ({
      application: uri,
      inner_port: port.inner_port,
      outer_port: null,
      protocol: port.protocol,
    })),
    container_size: application.containerSize,
    current_num_containers: containers.length,
    deployed_datetime: formatDatetime(application.deployedAt),
    destroyed_datetime: formatDatetime(application.destroyedAt),
    entrypoint: application.entrypoint,
    image_name: `${application.image.name}:${application.image.tag}`,
    image_tag: imageTagUri(application),
    name: application.name,
    public_dns: applicationDns(application, naming),
    resource_uri: uri,
    run_command: application.runCommand,
    running_num_containers: count(containers, ["Running"]),
    started_datetime: formatDatetime(application.startedAt),
    state: application.state,
    stopped_datetime: formatDatetime(application.stoppedAt),
    stopped_num_containers: count(containers, ["Stopped", "Stopped with errors", "Start failed"]),
    target_num_containers: application.target,
    unique_name: application.uniqueName,
    uuid: application.uuid,
    web_public_dns: application.webPublicDns,
  };
}

export function applicationDetails(
  world: World,
  application: ApplicationRecord,
  naming: Naming,
): Application {
  const uri = applicationUri(application.uuid);
  const details = {
    ...applicationSummary(world, application, naming),
    container_envvars: application.envvars.map(({ key, value }) => ({ application: uri, key, value })),
    containers: world.containersOf(application.uuid).map(container => containerUri(container.uuid)),
    link_variables: applicationVariables(world, application, naming),
    linked_from_application: linkedFrom(world, application),
    linked_to_application: linkedTo(application),
    roles: [...application.roles],
  };
  return Object.fromEntries(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1))) as typeof details;
}

export function imageTagUri({ image }: ApplicationRecord): string {
  return `/api/v1/image/${image.name}/tag/${image.tag}/`;
}

export function linkedFrom(world: World, application: ApplicationRecord): string[] {
  return world.linkingTo(application.uuid).map(source => applicationUri(source.uuid));
}

export function linkedTo(application: ApplicationRecord): LinkView[] {
  return application.links.map(({ to, alias }) =>
    alias === undefined
      ? applicationUri(to)
      : {
          from_application: applicationUri(application.uuid),
          name: alias,
          to_application: applicationUri(to),
        },
  );
}

function count(containers: ContainerRecord[], states: ContainerState[]): number {
  return containers.filter(container => states.includes(container.state)).length;
}

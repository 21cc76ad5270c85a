/** What the backend is told of a container. */

import type { ImageRecord } from "./account-records";
import type { ContainerSpec } from "./backend";
import { environmentOf, linkNames, reachable } from "./links";
import { containerDns, type Naming } from "./names";
import type { ContainerRecord } from "./records";
import type { World } from "./world";

export function containerSpec(world: World, container: ContainerRecord, naming: Naming): ContainerSpec {
  const application = world.applications.get(container.application);
  if (!application) throw new Error(`container ${container.uuid} belongs to no application`);
  const { image, fromImage = [], undetermined } = application;
  const registered = world.account.get(`image:${image.name}`) as ImageRecord | undefined;
  return {
    id: container.uuid,
    application: application.uuid,
    name: container.uniqueName,
    node: container.node,
    image,
    ...(registered?.username
      ? { credentials: { username: registered.username, password: registered.password } }
      : {}),
    command: fromImage.includes("runCommand") ? "" : application.runCommand,
    entrypoint: fromImage.includes("entrypoint") ? "" : application.entrypoint,
    env: environmentOf(application, container),
    ports: undetermined ? undefined : container.ports,
    size: application.containerSize,
    hosts: reachable(world, application, container).map(target => ({
      name: containerDns(target, naming),
      container: target.uuid,
    })),
    links: linkNames(world, application),
  };
}

/** Who answers for a host name: the newest application that claims it as `web_public_dns` and has a running container. */
import type { World } from "../model/world";

export interface Address {
  host: string;
  port: number;
}

export interface Destination {
  /** Uuid of the application; requests to it take turns among its containers. */
  application: string;
  /** Of its running containers, in order of their numbers. */
  addresses: Address[];
}

/** What the backend knows of where a container's outer ports are reached; undefined when they are not. */
export type AddressOf = (container: string) => string | undefined;

/** `web_public_dns` needs an application that listens there, as the API checks. */
const WEB_PORT = 80;

/**
 * Undefined when no application claims the name. Without addresses when those that do have no container that runs,
 * or whose containers cannot be reached.
 */
export function findDestination(world: World, addressOf: AddressOf, host: string): Destination | undefined {
  const claims = world.applicationsAt(host);
  for (const { uuid } of claims) {
    const addresses = world.containersOf(uuid).flatMap(container => {
      if (container.state !== "Running") return [];
      const port = container.ports.find(
        ({ inner_port, protocol }) => inner_port === WEB_PORT && protocol === "tcp",
      );
      const host = addressOf(container.uuid);
      return port && host !== undefined ? [{ host, port: port.outer_port }] : [];
    });
    if (addresses.length > 0) return { application: uuid, addresses };
  }
  const newest = claims[0];
  return newest && { application: newest.uuid, addresses: [] };
}

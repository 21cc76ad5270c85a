/** Who claims a host name as `web_public_dns`, and where their running containers are reached. */
import type { World } from "../model/world";
import type { Address, Claim } from "./plane/routes";

/** What the backend knows of where a container's outer ports are reached; undefined when they are not. */
export type AddressOf = (container: string) => string | undefined;

/** `web_public_dns` needs an application that listens there, as the API checks. */
const WEB_PORT = 80;

/** The newest first. None: nobody claims the name. */
export function claimsAt(world: World, addressOf: AddressOf, host: string): Claim[] {
  return world.applicationsAt(host).map(({ uuid }) => ({
    application: uuid,
    addresses: world.containersOf(uuid).flatMap((container): Address[] => {
      if (container.state !== "Running") return [];
      const port = container.ports.find(
        ({ inner_port, protocol }) => inner_port === WEB_PORT && protocol === "tcp",
      );
      const address = addressOf(container.uuid);
      return port && address !== undefined ? [{ host: address, port: port.outer_port }] : [];
    }),
  }));
}

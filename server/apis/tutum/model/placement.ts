/** Which node a container goes to, and which outer ports it gets there. */
import { ApiError } from "../../../host/errors";
import type { ApplicationRecord, ContainerRecord, InnerPort, OuterPort } from "./records";
import type { Transaction } from "./transaction";

interface Place {
  node: string;
  ports: OuterPort[];
}

/** Throws the answer 503 when there is no room. */
export function findPlace(tx: Transaction, application: ApplicationRecord): Place {
  const place = tryPlace(tx, application.ports);
  if (place) return place;
  const up = tx.settings.places.nodes().some(node => node.up);
  throw new ApiError(503, {
    error: up
      ? "No node has enough free ports for another container."
      : "No node is up: what runs the containers does not answer.",
  });
}

/** New outer ports on its own node; undefined when there are not enough. */
export function newPorts(
  tx: Transaction,
  container: ContainerRecord,
  ports: readonly InnerPort[],
): OuterPort[] | undefined {
  return tryPlace(tx, ports, container.node)?.ports;
}

/** The container as it is, or elsewhere when its node is down and another one is not. */
export function onLivingNode(tx: Transaction, container: ContainerRecord): ContainerRecord {
  const own = tx.settings.places.nodes().find(node => node.name === container.node);
  if (own?.up) return container;
  return { ...container, ...tryPlace(tx, container.ports) };
}

function tryPlace(tx: Transaction, ports: readonly InnerPort[], node?: string): Place | undefined {
  const { places } = tx.settings;
  const nodes = places.nodes().filter(({ name }) => node === undefined || name === node);
  const found = tx.world.ports.find(ports.length, nodes, places.placement);
  return (
    found && {
      node: found.node,
      ports: ports.map(({ protocol, inner_port }, index) => ({
        protocol,
        inner_port,
        outer_port: found.ports[index] as number,
      })),
    }
  );
}

/**
 * A second way in, for containers: on an address of this machine that only they reach, and on a port that stays, for
 * their variables name it. What comes in there is answered like any other request; the control API is not for them.
 */
import { type AddressInfo, createServer, type Server } from "node:net";
import { listen, urlOf } from "../../host/http/listen";
import type { Logger } from "../../host/ports/logger";

export interface ContainerListener {
  /** `http://172.18.0.1:40001` */
  url: string;
  port: number;
  /** From here on requests are answered by this server. */
  serve(server: Server): void;
  close(): void;
}

/** Undefined, with a warning, when this machine does not have the address: the engine is somewhere else. */
export async function openContainerListener(
  address: string,
  kept: number | undefined,
  logger: Logger,
): Promise<ContainerListener | undefined> {
  let answering: Server | undefined;
  const door = createServer(socket => {
    if (answering) answering.emit("connection", socket);
    else socket.destroy();
  });
  const bind = (wanted: number) =>
    new Promise<number>((resolve, reject) => {
      door.once("error", reject);
      door.listen({ host: address, port: wanted }, () => {
        door.off("error", reject);
        resolve((door.address() as AddressInfo).port);
      });
    });
  let port: number;
  try {
    port = await listen({ bind, host: address, port: undefined, kept, logger });
  } catch (error) {
    logger.warn(
      { address, error: String(error) },
      "containers can't reach this API: its address for them is not on this machine; --api-url names another",
    );
    return undefined;
  }
  return {
    url: urlOf(address, port),
    port,
    serve: server => {
      answering = server;
    },
    close: () => void door.close(),
  };
}

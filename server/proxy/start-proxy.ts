/** The proxy of a server: listens, and finds destinations in what the server knows. */
import type { AddressInfo } from "node:net";
import { listen, urlOf } from "../http/listen";
import type { Engine } from "../operations/engine";
import type { Logger } from "../ports/logger";
import { findDestination } from "./destinations";
import { createProxy } from "./proxy";

export interface ProxyOptions {
  /** Address to listen on. What answers there needs no key: whoever reaches it, reaches the applications. Default: `127.0.0.1`. */
  host?: string;
  /** Default: any free port; with `dataDir` the one used before, if it is still free. */
  port?: number;
}

export interface RunningProxy {
  url: string;
  port: number;
  close(): Promise<void>;
}

export async function startProxy(
  { host = "127.0.0.1", port }: ProxyOptions,
  engine: Engine,
  kept: number | undefined,
  logger: Logger,
): Promise<RunningProxy> {
  const addressOf = (container: string) => engine.backend.address(container);
  const find = (name: string) => engine.read(world => findDestination(world, addressOf, name));
  const proxy = await createProxy({ find, logger });
  const bind = (wanted: number) =>
    new Promise<number>((resolve, reject) => {
      proxy.server.once("error", reject);
      proxy.server.listen({ host, port: wanted }, () => {
        proxy.server.off("error", reject);
        resolve((proxy.server.address() as AddressInfo).port);
      });
    });
  const bound = await listen({ bind, host, port, kept, logger });
  return { url: urlOf(host, bound), port: bound, close: () => proxy.close() };
}

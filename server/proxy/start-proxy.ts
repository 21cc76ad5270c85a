/** The proxy of a server: listens, and follows what the server knows of applications. */
import type { AddressInfo } from "node:net";
import { listen, urlOf } from "../http/listen";
import type { Engine } from "../operations/engine";
import type { Logger } from "../ports/logger";
import { followRoutes } from "./follow-routes";
import { createProxy } from "./plane/proxy";

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

export interface ProxySurroundings {
  engine: Engine;
  /** The port it had before. */
  kept: number | undefined;
  trusted: readonly string[];
  logger: Logger;
}

export async function startProxy(
  { host = "127.0.0.1", port }: ProxyOptions,
  { engine, kept, trusted, logger }: ProxySurroundings,
): Promise<RunningProxy> {
  const proxy = createProxy({ logger });
  proxy.trust(trusted);
  const routes = followRoutes(engine, { change: async changed => proxy.change(changed) });
  const bind = (wanted: number) =>
    new Promise<number>((resolve, reject) => {
      proxy.server.once("error", reject);
      proxy.server.listen({ host, port: wanted }, () => {
        proxy.server.off("error", reject);
        resolve((proxy.server.address() as AddressInfo).port);
      });
    });
  const close = async () => {
    routes.stop();
    await proxy.close();
  };
  try {
    const bound = await listen({ bind, host, port, kept, logger });
    return { url: urlOf(host, bound), port: bound, close };
  } catch (error) {
    routes.stop();
    throw error;
  }
}

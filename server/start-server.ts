/** Starts a server: opens its sockets, and says how it is reached. */
import type { AddressInfo } from "node:net";
import { exitContainer } from "./apis/tutum/operations/containers";
import { type Seed, type Seeded, seed } from "./apis/tutum/operations/seed";
import { startProxy } from "./apis/tutum/proxy/start-proxy";
import type { Guest } from "./host/api";
import { CONTROL } from "./host/control/control";
import type { FaultControl } from "./host/control/faults";
import type { App } from "./host/http/app";
import { listen, urlOf } from "./host/http/listen";
import type { RequestRecord } from "./host/http/recorded-requests";
import { silentLogger } from "./host/ports/logger";
import { openServer } from "./open-server";
import { hostOf, type ServerOptions } from "./options";

export interface RunningServer {
  /** `http://127.0.0.1:PORT`: the API is at `/api/v1/` under it. */
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly apikey: string;
  /** The other APIs, by their names. */
  readonly guests: Readonly<Record<string, GuestAddress>>;
  /** The last API calls, oldest first. */
  readonly requests: readonly RequestRecord[];
  clearRequests(): void;
  /** Makes API requests go wrong. */
  readonly faults: FaultControl;
  /** Adds running applications by name, as the README describes; those that exist stay as they are. */
  seed(content: Seed): Promise<Seeded>;
  /** Ends the process of a running container with this exit code; resolves when the policies have been applied. */
  exitContainer(uuid: string, code: number): Promise<void>;
  /** Where applications answer by the name they claim as `web_public_dns`; absent when it is off. */
  readonly proxy?: { url: string; port: number };
  /** How to use the control API; absent when it is off. */
  readonly control?: { url: string; token: string };
  /** Answers what is in flight, stores everything, and ends. */
  close(): Promise<void>;
}

export interface GuestAddress {
  url: string;
  port: number;
  /** Variables in which clients of the API find how to reach it. */
  environment: Readonly<Record<string, string>>;
}

/** A server that `exec` started and then did not use ends after this. */
const FIRST_LEASE_MS = 30_000;

/** `guests`: other APIs, each on a port of its own. */
export async function startServer(
  options: ServerOptions = {},
  guests: readonly Guest[] = [],
): Promise<RunningServer> {
  const { logger = silentLogger, trustProxy = [], backend: kind = "memory", nodes = [] } = options;
  const host = hostOf(options);
  let close = async () => {};
  const open = await openServer(options, guests, () => (options.onStop ? options.onStop() : void close()));
  const { server, folder, containers, user, apikey, token, backend } = open;
  const { engine } = server.api;
  const { recorder, faults, leases } = server;
  try {
    const bind = async ({ fastify }: App, port: number) => {
      await fastify.listen({ host, port });
      return (fastify.server.address() as AddressInfo).port;
    };
    const kept = folder?.settings.port;
    const port = await listen({
      ...{ host, port: options.port, kept, logger },
      bind: wanted => bind(server.app, wanted),
    });
    const { apiPorts: portsBefore = {} } = folder?.settings ?? {};
    const others: Record<string, GuestAddress> = {};
    for (const { api, app } of server.guests) {
      const own = await listen({
        ...{ host, port: undefined, kept: portsBefore[api.name], logger },
        bind: wanted => bind(app, wanted),
      });
      const at = urlOf(host, own);
      const environment = (await api.environment?.({ url: at, folder: folder?.path })) ?? {};
      others[api.name] = { url: at, port: own, environment };
      server.addresses.set(api.name, { url: at, environment });
    }
    const wanted = options.proxy ?? (backend.simulated ? undefined : {});
    const proxy =
      wanted &&
      (await startProxy(wanted, {
        ...{ engine, logger },
        dataDir: folder?.path,
        kept: folder?.settings.proxyPort,
        trusted: trustProxy,
      }));
    if (proxy) open.atEnd(() => proxy.close());
    const url = urlOf(host, port);
    const ports = {
      ...(proxy ? { proxyPort: proxy.port } : {}),
      ...(containers ? { doorPort: containers.port } : {}),
      ...(server.guests.length > 0 ? { apiPorts: { ...portsBefore, ...portsOf(others) } } : {}),
    };
    folder?.started({ port, user, apikey, url, server: open.id, backend: kind, nodes, ...ports });
    if (options.onUnused) setTimeout(() => leases.endIfUnused(), FIRST_LEASE_MS).unref();

    let closed: Promise<void> | undefined;
    close = () => {
      closed ??= open.close();
      return closed;
    };
    folder?.lock.onLost(() => {
      logger.error({ folder: folder.path }, "another server has taken over the data folder");
      if (options.onLost) options.onLost();
      else void close();
    });
    return {
      url,
      port,
      user,
      apikey,
      guests: others,
      get requests() {
        return recorder.all;
      },
      clearRequests: () => recorder.clear(),
      faults,
      exitContainer: async (uuid, code) => {
        await exitContainer(engine, uuid, code);
      },
      seed: content => seed(engine, content),
      ...(proxy ? { proxy: { url: proxy.url, port: proxy.port } } : {}),
      ...(options.control && token ? { control: { url: `${url}${CONTROL}`, token } } : {}),
      close: () => close(),
    };
  } catch (error) {
    await open.close();
    throw error;
  }
}

function portsOf(guests: Readonly<Record<string, GuestAddress>>): Record<string, number> {
  return Object.fromEntries(Object.entries(guests).map(([name, { port }]) => [name, port]));
}

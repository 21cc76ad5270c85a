/**
 * The reverse proxy for `web_public_dns`: a listener of its own, where the Host header says which application is meant.
 * Node speaks HTTP on both sides; what it leaves to its users (who may send what, and for how long) is decided here
 * and beside. Requests that a client sends ahead wait for each other, as their responses have to.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type TrustedProxies, trustedProxies } from "../../../../host/http/trusted-proxies";
import type { Logger } from "../../../../host/ports/logger";
import { Forwarder } from "./forwarder";
import { DEFAULT_PROXY_LIMITS, type ProxyLimits } from "./limits";
import { Places } from "./places";
import { Prober } from "./prober";
import type { Route } from "./routes";
import { Seeker } from "./seek";
import { Table } from "./table";

export interface ProxyParts {
  logger: Logger;
  limits?: Partial<ProxyLimits>;
}

export interface ReverseProxy {
  readonly server: Server;
  /** Routes that are new, changed, or without a claim from now on. */
  change(routes: readonly Route[]): void;
  /** All routes there are. */
  replace(routes: readonly Route[]): void;
  routes(): Route[];
  /** Whose `X-Forwarded-*` is believed from now on. */
  trust(addresses: readonly string[]): void;
  /** From now on each connection ends with its next response. */
  drain(): void;
  /** Ends all connections, also those that are in use. */
  close(): Promise<void>;
}

/** It does not listen yet. */
export function createProxy({ logger, limits: given }: ProxyParts): ReverseProxy {
  const limits = { ...DEFAULT_PROXY_LIMITS, ...given };
  const prober = new Prober(limits.connectMs);
  const table = new Table(
    target => prober.watch(target),
    target => prober.forget(target),
  );
  let trusted: TrustedProxies = trustedProxies([]);
  const forwarder = new Forwarder({
    ...{ table, limits, logger },
    seeker: new Seeker(table, prober, limits),
    trusted: () => trusted,
  });
  const server = createServer({
    headersTimeout: limits.headMs,
    // Bodies have a time-out for each wait instead of one for all of it.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(limits.headMs, 1_000),
    keepAlive: true,
    keepAliveInitialDelay: limits.clientMs,
  });
  // A header that is dropped may be the one that says how long the request is. Their bytes are bounded by node.
  server.maxHeadersCount = 0;

  const places = new Places(limits, () => trusted);
  const sockets = new Set<Socket>();
  const lines = new WeakMap<Socket, Line>();
  server.on("connection", (socket: Socket) => {
    if (!places.take(socket)) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    lines.set(socket, { isBusy: false, waiting: [] });
    socket.on("error", () => {});
    socket.on("close", () => void sockets.delete(socket));
  });
  let isDraining = false;
  const guarded = (work: Promise<void>, end: () => void) => {
    work.catch(error => {
      logger.error({ error: errorText(error) }, "a request could not be passed on");
      end();
    });
  };
  const next = (socket: Socket, line: Line) => {
    const turn = line.waiting.shift();
    line.isBusy = turn !== undefined;
    if (turn) turn();
    else places.waits(socket);
  };
  const web = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const line = lines.get(socket);
    if (!line || line.waiting.length >= limits.pipelined) {
      socket.destroy();
      return;
    }
    response.on("error", () => {});
    request.on("error", () => {});
    response.on("close", () => next(socket, line));
    if (isDraining) response.shouldKeepAlive = false;
    line.waiting.push(() => {
      // What follows a request that ends the connection is none.
      if (socket.writable) guarded(forwarder.web(request, response), () => response.destroy());
    });
    places.works(socket);
    if (!line.isBusy) next(socket, line);
  };
  server.on("request", web).on("checkContinue", web).on("checkExpectation", web);
  server.on("upgrade", (request: IncomingMessage, stream, first: Buffer) => {
    // Of a server on TCP it is a socket.
    const { socket } = request;
    stream.on("error", () => socket.destroy());
    places.works(socket);
    // Responses that are still to come would be the first words of the other protocol.
    if (lines.get(socket)?.isBusy) socket.destroy();
    else guarded(forwarder.upgrade(request, socket, first), () => socket.destroy());
  });
  return {
    server,
    change: routes => table.change(routes),
    replace: routes => table.replace(routes),
    routes: () => table.routes(),
    trust: addresses => {
      trusted = trustedProxies(addresses);
    },
    drain: () => {
      isDraining = true;
    },
    close: async () => {
      // Without a listener it calls back too.
      const closed = new Promise<void>(resolve => void server.close(() => resolve()));
      prober.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Of one client's connection. */
interface Line {
  isBusy: boolean;
  waiting: (() => void)[];
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

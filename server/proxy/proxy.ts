/**
 * The reverse proxy for `web_public_dns`: a listener of its own, where the Host header says which application is meant.
 * Every request asks anew who answers for the name and has a connection of its own to a container, so that changes
 * count at once. The work on the wire is http-proxy-3's; what may pass is decided in `request-headers.ts`.
 */
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ProxyServer } from "http-proxy-3";
import type { Logger } from "../ports/logger";
import { Connector } from "./connect";
import type { Destination } from "./destinations";
import {
  answerOnSocket,
  answerWith,
  brokenAnswer,
  noAnswer,
  nothingRuns,
  type Page,
  tooSlow,
  unknownHost,
} from "./pages";
import { forwardedHeaders, hostNameOf, isWebSocket, refuse } from "./request-headers";

export interface ProxyLimits {
  /** Milliseconds a container has to accept a connection. */
  connectMs: number;
  /** Milliseconds without a byte from the container, before and within its answer. WebSockets may be silent. */
  silenceMs: number;
  /** Open connections of clients; more are refused. */
  connections: number;
}

export const DEFAULT_PROXY_LIMITS: ProxyLimits = { connectMs: 2_000, silenceMs: 120_000, connections: 2_000 };

export interface ProxyParts {
  /** Undefined: no application claims the name. */
  find(host: string): Destination | undefined;
  logger: Logger;
  limits?: Partial<ProxyLimits>;
}

export interface Proxy {
  readonly server: Server;
  /** Ends all connections, also those that are in use. */
  close(): Promise<void>;
}

/** It does not listen yet. */
export async function createProxy(parts: ProxyParts): Promise<Proxy> {
  // Only servers with a proxy load it.
  const { createProxyServer } = await import("http-proxy-3");
  const forwarder = new Forwarder(parts, createProxyServer({ toProxy: true, prependPath: false }));
  const server = createServer((request, response) => void forwarder.web(request, response));
  server.on("upgrade", (request, socket, head) => void forwarder.upgrade(request, socket, head));
  server.maxConnections = forwarder.limits.connections;
  return {
    server,
    close: async () => {
      const closed = new Promise<void>(resolve => void server.close(() => resolve()));
      server.closeAllConnections();
      forwarder.close();
      await closed;
    },
  };
}

class Forwarder {
  readonly limits: ProxyLimits;
  private readonly connector: Connector;
  /** Of WebSockets, which the HTTP server no longer counts as its own. */
  private readonly upgraded = new Set<Duplex>();

  constructor(
    private readonly parts: ProxyParts,
    private readonly wire: ProxyServer,
  ) {
    this.limits = { ...DEFAULT_PROXY_LIMITS, ...parts.limits };
    this.connector = new Connector(this.limits.connectMs);
    wire.on("proxyRes", (answer, _, response) => {
      // Node sends no reason phrase with control characters, and would throw.
      answer.statusMessage = answer.statusMessage?.replace(/[^\t\x20-\x7e]/g, "?");
      delete answer.headers["keep-alive"];
      delete answer.headers["proxy-connection"];
      // The container's connection ends here; the client's goes on as the client wishes.
      answer.headers.connection = response.shouldKeepAlive ? "keep-alive" : "close";
      answer.on("close", () => {
        // What came so far looks whole to a client, unless its connection breaks too.
        if (!answer.complete) response.destroy();
      });
    });
    // A client that went away is no error.
    wire.on("econnreset", () => {});
  }

  async web(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (page: Page) => {
      if (response.headersSent) response.destroy();
      else answerWith(page, response);
    };
    const remote = request.socket.remoteAddress;
    const upstream = await this.upstream(request, answer);
    if (!upstream) return;
    if (request.destroyed || response.destroyed) {
      upstream.destroy();
      return;
    }
    const host = hostNameOf(request);
    const failed = (page: Page) => {
      upstream.destroy();
      answer(page);
    };
    upstream.setTimeout(this.limits.silenceMs, () => failed(tooSlow(host, this.limits.silenceMs / 1000)));
    // Also the end of an answer that http-proxy-3 does not take for one, as a switch of protocols nobody asked for.
    upstream.once("close", () => {
      if (!response.headersSent && !response.destroyed) failed(brokenAnswer(host));
    });
    request.headers = forwardedHeaders(request, remote);
    this.wire.web(request, response, this.to(upstream), error => {
      this.parts.logger.info({ host, error: String(error) }, "a container broke off or did not speak HTTP");
      if (!response.headersSent) failed(brokenAnswer(host));
      else response.destroy();
    });
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const answer = (page: Page) => answerOnSocket(page, socket);
    if (!isWebSocket(request)) {
      answer({ status: 501, message: "The only protocol that can be switched to is WebSocket." });
      return;
    }
    const remote = request.socket.remoteAddress;
    const upstream = await this.upstream(request, answer);
    if (!upstream) return;
    if (socket.destroyed) {
      upstream.destroy();
      return;
    }
    this.upgraded.add(socket);
    socket.on("close", () => {
      this.upgraded.delete(socket);
      upstream.destroy();
    });
    request.headers = forwardedHeaders(request, remote);
    const host = hostNameOf(request);
    upstream.setTimeout(this.limits.silenceMs, () => {
      answer(tooSlow(host, this.limits.silenceMs / 1000));
      upstream.destroy();
    });
    this.wire.ws(request, socket, head, this.to(upstream), () => {
      if (socket.writable) answer(brokenAnswer(host));
    });
  }

  close(): void {
    for (const socket of this.upgraded) socket.destroy();
  }

  /** A connection to a container that answers for the request's host; else the client has been told why not. */
  private async upstream(
    request: IncomingMessage,
    answer: (page: Page) => void,
  ): Promise<Socket | undefined> {
    const refusal = refuse(request);
    const host = hostNameOf(request);
    const destination = refusal ? undefined : this.parts.find(host);
    if (refusal) answer(refusal);
    else if (!destination) answer(unknownHost(host));
    else if (destination.addresses.length === 0) answer(nothingRuns(host));
    else {
      const socket = await this.connector.connect(destination);
      if (!socket) answer(noAnswer(host));
      return socket;
    }
    return undefined;
  }

  private to(upstream: Socket) {
    // The target is only a form: the connection is made.
    return { target: "http://container", agent: new ConnectedAgent(upstream) };
  }
}

class ConnectedAgent extends Agent {
  constructor(private readonly socket: Socket) {
    super();
  }

  override createConnection(): Socket {
    return this.socket;
  }
}

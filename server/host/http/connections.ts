/**
 * What connections may take: none is held for ever by who reads nothing, and those without a key do not keep out those
 * with one. When there are too many, the oldest of those that have shown no key is closed.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { plainAddress, type TrustedProxies } from "./trusted-proxies";

export interface ConnectionLimits {
  /** Connections in all. */
  total: number;
  /** Of those that have shown no key, in all and from one address. */
  strangers: number;
  strangersOfAddress: number;
  /** Milliseconds in which nobody is closed who had no time yet to show a key. */
  grace: number;
  /** Requests of one connection that wait for their answers; who sends more is cut off. */
  pipelined: number;
  /** Milliseconds without any progress in sending an answer. */
  writeIdle: number;
}

export const DEFAULT_CONNECTIONS: ConnectionLimits = {
  total: 5_000,
  strangers: 500,
  strangersOfAddress: 100,
  grace: 1_000,
  pipelined: 8,
  writeIdle: 60_000,
};

export class Connections {
  private readonly all = new Set<Socket>();
  /** Without a key so far, with the time they came; oldest first. */
  private readonly strangers = new Map<Socket, { since: number; address: string }>();
  private readonly byAddress = new Map<string, Set<Socket>>();
  /** How much had left, and since when no more has, of those that have something to send. */
  private readonly sent = new WeakMap<Socket, { bytes: number; since: number }>();
  /** Requests that wait for their answers. */
  private readonly open = new WeakMap<Socket, number>();

  constructor(
    private readonly limits: ConnectionLimits,
    private readonly trusted: TrustedProxies,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** To be called before all other hooks. */
  attach(app: FastifyInstance): void {
    const server: Server = app.server;
    server.on("connection", socket => this.opened(socket));
    // Without a socket there is nothing to look at, and nobody who would close it.
    server.once("listening", () => {
      const looking = setInterval(() => this.dropStalled(), this.limits.writeIdle / 4).unref();
      server.once("close", () => clearInterval(looking));
    });
    app.addHook("onRequest", async (request, reply) => {
      const { socket } = request;
      const waiting = (this.open.get(socket) ?? 0) + 1;
      this.open.set(socket, waiting);
      reply.raw.once("close", () => this.open.set(socket, (this.open.get(socket) ?? 1) - 1));
      if (waiting <= this.limits.pipelined) return;
      reply.hijack();
      socket.destroy();
    });
  }

  /** Its credentials are right. */
  welcome({ socket }: FastifyRequest): void {
    this.forget(socket);
  }

  /**
   * Node's own time-out for sockets is no use here: what comes in winds it up again, and it would end those that wait
   * for an answer of ours.
   */
  private dropStalled(): void {
    for (const socket of this.all) {
      const before = this.sent.get(socket);
      if (socket.writableLength === 0) this.sent.delete(socket);
      else if (before?.bytes !== socket.bytesWritten) {
        this.sent.set(socket, { bytes: socket.bytesWritten, since: this.now() });
      } else if (this.now() - before.since >= this.limits.writeIdle) socket.destroy();
    }
  }

  private opened(socket: Socket): void {
    if (this.all.size >= this.limits.total && !this.closeOldest(this.strangers.keys())) {
      socket.destroy();
      return;
    }
    const address = plainAddress(socket.remoteAddress ?? "");
    this.all.add(socket);
    this.strangers.set(socket, { since: this.now(), address });
    socket.once("close", () => {
      this.all.delete(socket);
      this.forget(socket);
    });
    if (this.strangers.size > this.limits.strangers)
      this.closeOldest(this.strangers.keys(), this.limits.grace);
    // Behind a proxy, one address is everybody.
    if (this.trusted.has(address)) return;
    const same = this.byAddress.get(address) ?? new Set();
    this.byAddress.set(address, same.add(socket));
    if (same.size > this.limits.strangersOfAddress) this.closeOldest(same, this.limits.grace);
  }

  /** False when none was old enough. */
  private closeOldest(sockets: Iterable<Socket>, age = 0): boolean {
    for (const oldest of sockets) {
      if (this.now() - (this.strangers.get(oldest)?.since ?? 0) < age) return false;
      this.all.delete(oldest);
      this.forget(oldest);
      oldest.destroy();
      return true;
    }
    return false;
  }

  private forget(socket: Socket): void {
    // Not of the socket: a closed one has no address any more.
    const address = this.strangers.get(socket)?.address ?? "";
    this.strangers.delete(socket);
    const same = this.byAddress.get(address);
    same?.delete(socket);
    if (same?.size === 0) this.byAddress.delete(address);
  }
}

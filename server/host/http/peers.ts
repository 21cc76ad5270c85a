/** Who sends a request, and under which name it looks for this server: by a trusted proxy's word where it gives one. */
import type { FastifyRequest } from "fastify";
import { clientAddress, type TrustedProxies } from "./trusted-proxies";

export interface Peers {
  /** The client's address, for limits and the log. */
  clientOf(request: FastifyRequest): string;
  /** The Host the client asked for. */
  hostOf(request: FastifyRequest): string | undefined;
  /** It came by a proxy, trusted or not, or from where one is. */
  isForwarded(request: FastifyRequest): boolean;
  /** The other end of its connection is a trusted proxy. */
  isFromProxy(request: FastifyRequest): boolean;
}

/** Which proxies add; whoever else sends one of them has no reason to. */
const FORWARDING = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

export function createPeers(trusted: TrustedProxies): Peers {
  const isFromProxy = (request: FastifyRequest) => trusted.has(request.socket.remoteAddress);
  return {
    clientOf: request =>
      clientAddress(trusted, request.socket.remoteAddress, header(request, "x-forwarded-for")) ?? "",
    hostOf: request =>
      (isFromProxy(request) ? header(request, "x-forwarded-host") : undefined) ?? request.headers.host,
    isForwarded: request => FORWARDING.some(name => request.headers[name] !== undefined),
    isFromProxy,
  };
}

function header(request: FastifyRequest, name: string): string | undefined {
  return request.headers[name]?.toString();
}

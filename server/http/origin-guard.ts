/** Refuses what a browser or a confused proxy was talked into: ambiguous or foreign Host, target or Origin. */
import type { FastifyRequest } from "fastify";
import { ApiError } from "../errors";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const ANY_ADDRESS = ["0.0.0.0", "::", "[::]"];

/** `names`: under which it is reached besides. */
export function createOriginGuard(
  boundHost: string,
  names: readonly string[] = [],
): (request: FastifyRequest) => void {
  // Bound to every address, the server cannot know its names; the key protects it then.
  const allowed = ANY_ADDRESS.includes(boundHost)
    ? undefined
    : new Set([...LOOPBACK, ...[boundHost, ...names].map(name => name.toLowerCase())]);

  return request => {
    const hosts = request.raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host");
    if (hosts.length > 1) throw new ApiError(400, { error: "The request has more than one Host header." });
    // `GET http://somewhere/ HTTP/1.1` is for proxies; the router would take what comes after the host.
    if (!request.url.startsWith("/")) {
      throw new ApiError(400, { error: "The request's target must be a path." });
    }
    // Sent by browsers also where they send no Origin; a link to a page is followed all the same.
    const { origin, "sec-fetch-site": site, "sec-fetch-mode": mode } = request.headers;
    if (site === "cross-site" && !(mode === "navigate" && request.method === "GET")) throw foreign();
    if (!allowed) return;
    if (!allowed.has(hostName(request.headers.host))) {
      throw new ApiError(400, { error: "The Host header does not name this server." });
    }
    if (origin !== undefined && !allowed.has(hostName(origin.replace(/^https?:\/\//, "")))) {
      throw foreign();
    }
  };
}

function foreign(): ApiError {
  return new ApiError(403, { error: "Requests from other sites are refused." });
}

function hostName(host = ""): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}

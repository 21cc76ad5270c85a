/** Refuses what a browser or a confused proxy was talked into: ambiguous or foreign Host, target or Origin. */
import type { FastifyRequest } from "fastify";
import { HostError } from "../errors";
import { hostName, isAddressName, isLoopbackName, nameOfOption, originName } from "./host-names";
import type { Peers } from "./peers";

const ANY_ADDRESS = ["0.0.0.0", "[::]"];

/** `names`: under which it is reached besides. */
export function createOriginGuard(
  boundHost: string,
  names: readonly string[],
  peers: Peers,
): (request: FastifyRequest) => void {
  const bound = nameOfOption(boundHost) ?? "";
  const known = new Set([bound, ...names.flatMap(name => nameOfOption(name) ?? [])]);
  const isBoundToAny = ANY_ADDRESS.includes(bound);
  const isOwn = (name: string) =>
    known.has(name) ||
    isLoopbackName(name) ||
    // It may have any address (behind a container's published port not even one of this machine's), and a page that
    // was talked into calling a name comes with that name.
    (isBoundToAny && isAddressName(name));

  return request => {
    const hosts = request.raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host");
    if (hosts.length > 1) throw new HostError(400, "The request has more than one Host header.");
    // `GET http://somewhere/ HTTP/1.1` is for proxies; the router would take what comes after the host.
    if (!request.url.startsWith("/")) {
      throw new HostError(400, "The request's target must be a path.");
    }
    const asked = [request.headers.host, peers.hostOf(request)];
    for (const host of asked) {
      const name = hostName(host);
      if (name === undefined || !isOwn(name)) throw unknownHost(name);
    }
    // Sent by browsers also where they send no Origin; a link to a page is followed all the same.
    const { origin, "sec-fetch-site": site, "sec-fetch-mode": mode } = request.headers;
    if (site === "cross-site" && !(mode === "navigate" && request.method === "GET")) throw foreign();
    if (origin === undefined) return;
    const name = originName(origin);
    const names = asked.map(hostName);
    const isLocal = (host: string | undefined) => host !== undefined && isLoopbackName(host);
    const isSame = names.includes(name) || (isLocal(name) && names.every(isLocal));
    if (name === undefined || !(isSame || known.has(name))) throw foreign();
  };
}

function unknownHost(name: string | undefined): HostError {
  const message =
    name === undefined
      ? "The Host header names no host."
      : `The Host header does not name this server: if "${name.slice(0, 253)}" is a name of it, start it with --allow-host ${name.slice(0, 253)}.`;
  return new HostError(400, message);
}

function foreign(): HostError {
  return new HostError(
    403,
    "Requests from pages of other sites are refused; those of a name given with --allow-host are not.",
  );
}

/** What of a request's headers goes on to a container, and which requests go nowhere. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/** A message to the client about what is wrong with its request. */
export interface Refusal {
  status: 400 | 411 | 501;
  message: string;
}

/** Meant for the next hop only (RFC 9110, 7.6.1), besides those that `Connection` names. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
];
/** What containers believe about where a request came from: only the proxy says that. */
const FORWARDED = /^(forwarded|x-forwarded(-.*)?|x-real-ip|x-client-ip|true-client-ip)$/;
/** These the framing needs; a `Connection` header that names one is nonsense, or an attempt to confuse. */
const NEVER_BY_NAME = ["host", "content-length", "transfer-encoding"];

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$/;

/** The name in the Host header, in lower case and without its port. */
export function hostNameOf(request: IncomingMessage): string {
  return (request.headers.host ?? "").toLowerCase().replace(/:\d{1,5}$/, "");
}

export function refuse(request: IncomingMessage): Refusal | undefined {
  const names = request.rawHeaders.filter((_, at) => at % 2 === 0).map(name => name.toLowerCase());
  const bad = (message: string): Refusal => ({ status: 400, message });
  if (names.filter(name => name === "host").length !== 1)
    return bad("The request must have one Host header.");
  // `GET http://somewhere/ HTTP/1.1` names a host of its own, which a container might believe.
  if (!request.url?.startsWith("/")) return bad("The request's target must be a path.");
  if (!HOST_NAME.test(hostNameOf(request)) || isIP(hostNameOf(request)))
    return bad("The Host header does not name an application.");
  const encoding = request.headers["transfer-encoding"];
  if (encoding === undefined) return undefined;
  // Node refuses both lengths at once; a coding that it passes on undecoded would reach the container as a plain body.
  if (
    encoding.toLowerCase() !== "chunked" ||
    request.httpVersion !== "1.1" ||
    names.includes("content-length")
  )
    return bad("The only Transfer-Encoding there may be is chunked, without Content-Length.");
  // http-proxy-3 declares these to be empty when they have no length, and sends the body after all.
  if (request.method === "DELETE" || request.method === "OPTIONS")
    return { status: 411, message: `A ${request.method} request with a body must have a Content-Length.` };
  return undefined;
}

/** Headers for the container. `remote` is the client's address. */
export function forwardedHeaders(
  request: IncomingMessage,
  remote: string | undefined,
): IncomingMessage["headers"] {
  const { headers } = request;
  const named = (headers.connection ?? "").split(",").map(name => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...named.filter(name => !NEVER_BY_NAME.includes(name)), "expect"]);
  const kept = Object.entries(headers).filter(([name, value]) => {
    // Many web servers make one variable of `X-Forwarded-For` and `X_Forwarded_For`.
    const spelled = name.replace(/_/g, "-");
    if (dropped.has(spelled) || FORWARDED.test(spelled)) return false;
    // The key of this server's API was not meant for a container.
    return !(spelled === "authorization" && /^\s*apikey(\s|$)/i.test(String(value)));
  });
  const port = /:(\d{1,5})$/.exec(headers.host ?? "")?.[1] ?? "80";
  return {
    ...Object.fromEntries(kept),
    ...(isWebSocket(request) ? { connection: "Upgrade", upgrade: "websocket" } : {}),
    host: headers.host,
    "x-forwarded-for": (remote ?? "unknown").replace(/^::ffff:/, ""),
    "x-forwarded-host": headers.host,
    "x-forwarded-port": port,
    "x-forwarded-proto": "http",
  };
}

export function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket";
}

/** What of a request's head goes on to a container, and which requests go nowhere. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostName } from "../../../../host/http/host-names";
import { plainAddress, type TrustedProxies } from "../../../../host/http/trusted-proxies";
import { isForNextHopOnly, namedByConnection, pairsOf } from "./hop-by-hop";

/** A message to the client about what is wrong with its request. */
export interface Refusal {
  status: 400 | 417 | 431 | 501;
  message: string;
}

/** What containers believe about where a request came from: only the proxy says that. */
const FORWARDED = /^(forwarded|x-forwarded(-.*)?|x-real-ip|x-client-ip|true-client-ip)$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$/;
/** Besides the tabulator, which separates words. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL_CHARACTER = /[\x00-\x08\x0a-\x1f\x7f]/;
/** Methods of which nobody expects a body; of others, one without a length is said to be empty. */
const BODILESS = ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"];

/** The name in the Host header in the one spelling there is, without its port. */
export function hostNameOf(request: IncomingMessage): string {
  return nameIn(request.headers.host ?? "");
}

export function refuse(request: IncomingMessage, headers: number): Refusal | undefined {
  const bad = (message: string): Refusal => ({ status: 400, message });
  const pairs = pairsOf(request.rawHeaders);
  if (pairs.length > headers)
    return { status: 431, message: `A request may have ${headers} headers, not ${pairs.length}.` };
  const named = (wanted: string) => pairs.filter(([name]) => name.toLowerCase() === wanted).length;
  if (named("host") !== 1) return bad("The request must have one Host header.");
  // `GET http://somewhere/ HTTP/1.1` names a host of its own, which a container might believe.
  if (!request.url?.startsWith("/")) return bad("The request's target must be a path.");
  if (!isHost(request.headers.host ?? "")) return bad("The Host header does not name an application.");
  if (pairs.some(([, value]) => CONTROL_CHARACTER.test(value)))
    return bad("A header has a control character in its value.");
  const { expect = "100-continue" } = request.headers;
  if (expect.toLowerCase() !== "100-continue")
    return { status: 417, message: "The only expectation there may be is 100-continue." };
  const encoding = request.headers["transfer-encoding"];
  if (encoding === undefined) return undefined;
  // Node refuses both lengths at once; a coding that it passes on undecoded would reach the container as a plain body.
  if (
    encoding.toLowerCase() !== "chunked" ||
    request.httpVersion !== "1.1" ||
    named("content-length") > 0 ||
    named("transfer-encoding") > 1
  )
    return bad("The only Transfer-Encoding there may be is chunked, without Content-Length.");
  return undefined;
}

/** A switch of protocols as RFC 6455 asks for it. That `Connection` names it, node has seen. */
export function refuseUpgrade(request: IncomingMessage): Refusal | undefined {
  const { method, httpVersion, headers } = request;
  if (method !== "GET" || httpVersion !== "1.1" || headers.upgrade?.toLowerCase() !== "websocket")
    return { status: 501, message: "The only protocol that can be switched to is WebSocket." };
  // To some programs its body would be the first bytes of the other protocol.
  if (hasBody(request)) return { status: 400, message: "A WebSocket's handshake has no body." };
  return undefined;
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Headers for the container, in pairs. */
export function requestHeaders(request: IncomingMessage, trusted: TrustedProxies): string[] {
  const named = namedByConnection(request.headers.connection);
  const kept = pairsOf(request.rawHeaders).filter(([name, value]) => {
    // Many web servers make one variable of `X-Forwarded-For` and `X_Forwarded_For`.
    const spelled = name.toLowerCase().replace(/_/g, "-");
    if (isForNextHopOnly(spelled, named) || spelled === "expect" || FORWARDED.test(spelled)) return false;
    if (spelled === "host" || spelled === "content-length") return false;
    // The key of this server's API was not meant for a container.
    return !(spelled === "authorization" && /^\s*apikey(\s|$)/i.test(value));
  });
  return [
    "Host",
    request.headers.host ?? "",
    ...kept.flat(),
    ...Object.entries(forwarded(request, trusted)).flat(),
    ...framing(request),
  ];
}

/** Last: node changes the bytes of a `Content-Disposition` that comes after the length. */
function framing({ headers, method = "" }: IncomingMessage): string[] {
  if (headers["transfer-encoding"] !== undefined) return ["Transfer-Encoding", "chunked"];
  const length = headers["content-length"] ?? (BODILESS.includes(method) ? undefined : "0");
  return length === undefined ? [] : ["Content-Length", length];
}

/** By a trusted proxy's word where it gives one, else by what is seen here. */
function forwarded(request: IncomingMessage, trusted: TrustedProxies): Record<string, string> {
  const { remoteAddress } = request.socket;
  const peer = remoteAddress === undefined ? "unknown" : plainAddress(remoteAddress);
  const isTrusted = trusted.has(remoteAddress);
  const said = (name: string) => (isTrusted ? String(request.headers[`x-forwarded-${name}`] ?? "") : "");
  const first = (name: string) => said(name).split(",")[0]?.trim() ?? "";

  const proto = /^(https?|wss?)$/i.test(first("proto")) ? first("proto").toLowerCase() : "http";
  const host = isHost(first("host")) ? first("host") : (request.headers.host ?? "");
  const standard = proto === "https" || proto === "wss" ? "443" : "80";
  const port = /^\d{1,5}$/.test(first("port")) ? first("port") : (/:(\d{1,5})$/.exec(host)?.[1] ?? standard);
  return {
    "X-Forwarded-For": said("for") === "" ? peer : `${said("for")}, ${peer}`,
    "X-Forwarded-Host": host,
    "X-Forwarded-Port": port,
    "X-Forwarded-Proto": proto,
  };
}

function isHost(host: string): boolean {
  return HOST_NAME.test(nameIn(host)) && isIP(nameIn(host)) === 0;
}

function nameIn(host: string): string {
  return hostName(host) ?? "";
}

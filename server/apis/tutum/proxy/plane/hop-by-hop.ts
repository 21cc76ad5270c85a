/** Headers that are meant for the next hop only (RFC 9110, 7.6.1), in both directions. */

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  // Trailers are not passed on: who gets a body with a length, or speaks HTTP/1.0, could not be sent any.
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** These the framing needs; a `Connection` header that names one is nonsense, or an attempt to confuse. */
const NEVER_BY_NAME = ["host", "content-length", "transfer-encoding"];

/** In lower case. */
export function namedByConnection(connection: string | undefined): ReadonlySet<string> {
  const names = (connection ?? "").split(",").map(name => name.trim().toLowerCase());
  return new Set(names.filter(name => !NEVER_BY_NAME.includes(name)));
}

/** `name` in lower case. */
export function isForNextHopOnly(name: string, named: ReadonlySet<string>): boolean {
  return HOP_BY_HOP.has(name) || named.has(name);
}

/** Of node's raw headers, where names and values take turns. */
export function pairsOf(raw: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? "", raw[at + 1] ?? ""]);
  return pairs;
}

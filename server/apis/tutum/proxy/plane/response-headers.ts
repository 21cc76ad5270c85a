/** What of the head of a container's response may be passed on. */
import type { IncomingMessage } from "node:http";
import { isForNextHopOnly, namedByConnection, pairsOf } from "./hop-by-hop";

export interface ResponseHead {
  status: number;
  reason: string;
  /** In pairs. */
  headers: string[];
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a value may have (RFC 9110, 5.5): anything but control characters, of which the tabulator is none. */
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/g;

/** Undefined when it is no response that a client could understand. */
export function responseHead(response: IncomingMessage): ResponseHead | undefined {
  const { statusCode: status = 0, statusMessage = "", rawHeaders, headers } = response;
  // Interim responses don't come here; 101 only for who asked to switch.
  if (status !== 101 && (status < 200 || status > 599)) return undefined;
  const named = namedByConnection(headers.connection);
  const pairs = pairsOf(rawHeaders)
    .filter(([name]) => NAME.test(name) && !isForNextHopOnly(name.toLowerCase(), named))
    .map(([name, value]) => [name, value.replace(NOT_IN_VALUE, " ")] as const);
  const isLength = (name: string) => name.toLowerCase() === "content-length";
  return {
    status,
    reason: statusMessage.replace(/[^\t\x20-\x7e]/g, "?"),
    // Node changes the bytes of a `Content-Disposition` that comes after the length.
    headers: [
      ...pairs.filter(([name]) => !isLength(name)),
      ...pairs.filter(([name]) => isLength(name)).slice(0, 1),
    ].flat(),
  };
}

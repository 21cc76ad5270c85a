/** Passes a container's response on to the client; one that breaks off looks broken to the client too. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ProxyLimits } from "./limits";
import { pump } from "./pump";
import { responseHead } from "./response-headers";

/** False when it is none that a client could understand; nothing has been sent then. */
export function passOn(from: IncomingMessage, to: ServerResponse, limits: ProxyLimits): boolean {
  const head = responseHead(from);
  if (!head || head.status === 101) return false;
  to.writeHead(head.status, head.reason, head.headers);
  const hasNoBody = to.req.method === "HEAD" || head.status === 204 || head.status === 304;
  if (hasNoBody) {
    to.end();
    return true;
  }
  // What comes slowly after it does not hold back the head; most bodies come with it.
  setImmediate(() => {
    if (!to.destroyed) to.flushHeaders();
  });
  from.on("close", () => {
    // What came so far looks whole to a client, unless its connection breaks too.
    if (!from.complete) to.destroy();
  });
  pump(from, to, {
    sourceMs: limits.silenceMs,
    sourceStalls: () => to.destroy(),
    sinkMs: limits.clientMs,
    sinkStalls: () => to.destroy(),
    end: () => to.end(),
  });
  return true;
}

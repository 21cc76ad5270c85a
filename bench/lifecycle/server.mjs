/** The embedded server, with what a bench wants to know of it: requests by kind, and when applications came to run. */
import { channel } from "node:diagnostics_channel";
import { createRequire } from "node:module";

const { startServer } = /** @type {typeof import("../../server/index.js")} */ (
  createRequire(import.meta.url)("../../server/dist/index.js")
);

/** @typedef {Record<"create" | "patch" | "action" | "delete" | "get" | "list" | "containers", number>} Requests */

/** @param {{ startMs: number, latencyMs: number }} times */
export async function benchServer({ startMs, latencyMs }) {
  /** @type {number[]} */
  let running = [];
  let requests = none();
  // A number of milliseconds that no other timer has: each one that ends is a container that now runs.
  const start = startMs + 0.5;
  const clock = {
    now: () => Date.now(),
    steady: () => performance.now(),
    /** @param {() => void} then @param {number} ms */
    setTimeout(then, ms) {
      const timer = setTimeout(() => {
        if (ms === start) running.push(Date.now());
        then();
      }, ms);
      return () => clearTimeout(timer);
    },
  };
  const times = { start, scale: start, stop: 0, terminate: 0, exit: 0 };
  const server = await startServer({ user: "bench", apikey: "bench-key", clock, times });
  if (latencyMs > 0) server.faults.add({ latency: latencyMs });
  const arrived = channel("http.server.request.start");
  const count = (/** @type {unknown} */ message) => {
    const { request } = /** @type {{ request: { method: string, url: string } }} */ (message);
    requests[kindOf(request)]++;
  };
  arrived.subscribe(count);
  return {
    env: {
      TUTUM_BASE_URL: `${server.url}/api/v1/`,
      TUTUM_AUTH: `ApiKey ${server.user}:${server.apikey}`,
    },
    /** What came since this was last asked for. */
    taken() {
      const result = { requests, running: running.sort((a, b) => a - b) };
      requests = none();
      running = [];
      return result;
    },
    async close() {
      arrived.unsubscribe(count);
      await server.close();
    },
  };
}

/** @returns {Requests} */
function none() {
  return { create: 0, patch: 0, action: 0, delete: 0, get: 0, list: 0, containers: 0 };
}

/**
 * @param {{ method: string, url: string }} request
 * @returns {keyof Requests}
 */
function kindOf({ method, url }) {
  const [, collection = "", id = ""] = /^\/api\/v1\/([^/]+)\/([^/?]*)/.exec(url) ?? [];
  if (method === "POST") return id ? "action" : "create";
  if (method === "PATCH") return "patch";
  if (method === "DELETE") return "delete";
  if (collection !== "application") return "containers";
  return id ? "get" : "list";
}

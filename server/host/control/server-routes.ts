/** GET health · GET ready · GET state · GET metrics · POST reset · POST stop: about the server as a whole. */
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Api } from "../api";
import { describe } from "./describe";
import type { Leases } from "./leases";

/** What `GET /_tutum/state` answers, and what each API adds to it. */
export interface ControlState {
  pid: number;
  /** Whether the whole control API is there. */
  control: boolean;
  leases: number;
}

export interface ServerRouteParts {
  apis: readonly Pick<Api, "state" | "health" | "storage" | "reset">[];
  leases: Leases;
  /** Ends the server. */
  stop: () => void;
  /** False: only what the commands need (state, leases, reset, stop). */
  complete: boolean;
  metrics?: Registry;
}

export function serverRoutes(control: FastifyInstance, parts: ServerRouteParts): void {
  const { apis, leases, metrics } = parts;

  control.get(
    "/_tutum/state",
    describe("How many applications and containers there are in which state"),
    async (): Promise<ControlState> => ({
      pid: process.pid,
      control: parts.complete,
      ...Object.assign({}, ...apis.map(api => api.state())),
      leases: leases.count,
    }),
  );

  control.post(
    "/_tutum/reset",
    describe("Remove all applications, containers and images", {
      type: "object",
      required: ["confirm"],
      properties: { confirm: { const: true } },
    }),
    async () => {
      let removed = 0;
      for (const api of apis) removed += await api.reset();
      return { removed };
    },
  );
  control.post(
    "/_tutum/stop",
    describe("End the server; real containers go on running"),
    async (_, reply) => {
      // Answered first: it is the last thing this connection sees.
      reply.raw.once("close", parts.stop);
      return { stopping: true };
    },
  );
  if (!parts.complete) return;

  control.get("/_tutum/health", describe("The process answers"), async () => ({
    status: "ok",
    pid: process.pid,
    uptime: Math.round(process.uptime()),
  }));

  control.get("/_tutum/ready", describe("Changes are accepted and containers can run"), async (_, reply) => {
    const problems = await Promise.all(apis.map(problemOf));
    const problem = problems.find(found => found !== undefined);
    const healths = await Promise.all(apis.map(api => api.health()));
    const ready = problem === undefined && healths.every(({ ok }) => ok) && !leases.ended;
    reply.code(ready ? 200 : 503);
    return {
      status: ready ? "ready" : "not ready",
      storage: problem ?? "ok",
      ...Object.assign({}, ...healths.map(({ details }) => details)),
    };
  });

  control.get("/_tutum/metrics", describe("For Prometheus"), async (_, reply) => {
    if (!metrics) return reply.code(404).send();
    return reply.header("Content-Type", metrics.contentType).send(await metrics.metrics());
  });
}

/** After what failed last has been tried again. */
async function problemOf({ storage }: Pick<Api, "storage">): Promise<string | undefined> {
  await storage.probe();
  return storage.status().problem;
}

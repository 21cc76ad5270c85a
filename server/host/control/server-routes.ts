/** GET health · GET ready · GET state · GET metrics · POST reset · POST stop: about the server as a whole. */
import type { FastifyInstance } from "fastify";
import { resetEverything } from "../../apis/tutum/operations/reset";
import type { ControlParts } from "./control";
import { describe } from "./describe";

/** What `GET /_tutum/state` answers. */
export interface ControlState {
  pid: number;
  /** Whether the whole control API is there. */
  control: boolean;
  /** How many there are in each state. */
  applications: Record<string, number>;
  containers: Record<string, number>;
  leases: number;
}

export function serverRoutes(control: FastifyInstance, parts: ControlParts): void {
  const { engine, leases, metrics } = parts;

  control.get(
    "/_tutum/state",
    describe("How many applications and containers there are in which state"),
    async (): Promise<ControlState> =>
      engine.read(world => ({
        pid: process.pid,
        control: parts.complete,
        applications: world.applicationStates.counts(),
        containers: world.containerStates.counts(),
        leases: leases.count,
      })),
  );

  control.post(
    "/_tutum/reset",
    describe("Remove all applications, containers and images", {
      type: "object",
      required: ["confirm"],
      properties: { confirm: { const: true } },
    }),
    async () => ({ removed: await resetEverything(engine) }),
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
    const { problem } = await engine.triedStorage();
    const backend = await engine.backend.health();
    const ready = problem === undefined && backend.ok && !leases.ended;
    reply.code(ready ? 200 : 503);
    return {
      status: ready ? "ready" : "not ready",
      backend: backend.message,
      storage: problem ?? "ok",
      ...(backend.unknown ? { unknown: backend.unknown } : {}),
    };
  });

  control.get("/_tutum/metrics", describe("For Prometheus"), async (_, reply) => {
    if (!metrics) return reply.code(404).send();
    return reply.header("Content-Type", metrics.contentType).send(await metrics.metrics());
  });
}

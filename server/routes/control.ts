/**
 * The server's own control API, there only with its token (kept in the data folder, never a Tutum API key):
 * GET state · POST lease (open as long as it is held) · DELETE lease/<id> · POST reset
 */
import type { FastifyInstance } from "fastify";
import { hasToken } from "../http/credentials";
import type { Engine } from "../operations/engine";
import { resetEverything } from "../operations/reset";
import type { Leases } from "./leases";

export interface ControlOptions {
  token: string;
  leases: Leases;
}

/** What `GET /_tutum/state` answers. */
export interface ControlState {
  pid: number;
  applications: Record<string, number>;
  leases: number;
}

export function controlRoutes(app: FastifyInstance, engine: Engine, { token, leases }: ControlOptions): void {
  app.register(async control => {
    control.addHook("onRequest", async (request, reply) => {
      if (!hasToken(request, token)) return reply.code(401).send();
    });

    control.get("/_tutum/state", async (): Promise<ControlState> => {
      const applications: Record<string, number> = {};
      engine.read(world => {
        for (const { state } of world.applications.values())
          applications[state] = (applications[state] ?? 0) + 1;
      });
      return { pid: process.pid, applications, leases: leases.count };
    });

    control.post("/_tutum/lease", async (_request, reply) => {
      if (leases.ended) return reply.code(503).send({ error: "The server is about to end." });
      reply.hijack();
      const id = leases.open(reply.raw);
      reply.raw.writeHead(200, { "Content-Type": "application/json" });
      reply.raw.write(`${JSON.stringify({ lease: id })}\n`);
    });

    control.delete<{ Params: { id: string } }>("/_tutum/lease/:id", async request => ({
      last: leases.close(request.params.id),
    }));

    control.post("/_tutum/reset", async () => ({ removed: await resetEverything(engine) }));
  });
}

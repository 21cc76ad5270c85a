/** POST lease: an answer that stays open as long as the server is used · DELETE lease/<id> */
import type { FastifyInstance } from "fastify";
import { HIDDEN } from "./describe";
import type { Leases } from "./leases";

export function leaseRoutes(control: FastifyInstance, { leases }: { leases: Leases }): void {
  control.post("/_tutum/lease", HIDDEN, async (_request, reply) => {
    if (leases.ended) return reply.code(503).send({ error: "The server is about to end." });
    reply.hijack();
    const id = leases.open(reply.raw);
    reply.raw.writeHead(200, { "Content-Type": "application/json" });
    reply.raw.write(`${JSON.stringify({ lease: id })}\n`);
  });

  control.delete<{ Params: { id: string } }>("/_tutum/lease/:id", HIDDEN, async request => ({
    last: leases.close(request.params.id),
  }));
}

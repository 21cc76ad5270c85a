/** GET, POST, DELETE faults · POST faults/<id>/release: what is to go wrong, and when it may go on. */
import type { FastifyInstance } from "fastify";
import { ApiError } from "../errors";
import { describe } from "./describe";
import type { FaultRule } from "./fault-rule";
import type { Faults } from "./faults";

const WHEN = { enum: ["before", "after"] };
const RULE = {
  type: "object",
  properties: {
    api: { type: "string", maxLength: 100 },
    method: { type: "string", maxLength: 10 },
    path: { type: "string", maxLength: 1_000, pattern: "^/" },
    times: { type: "integer", minimum: 1 },
    probability: { type: "number", minimum: 0, maximum: 1 },
    seed: { type: "integer" },
    latency: { type: "integer", minimum: 0, maximum: 600_000 },
    hold: WHEN,
    answer: {
      type: "object",
      required: ["status"],
      properties: {
        status: { type: "integer", minimum: 200, maximum: 599 },
        retryAfter: { type: ["integer", "string"], maxLength: 100, pattern: "^[\\x20-\\x7e]*$" },
        body: { type: ["object", "string"] },
        html: { anyOf: [{ type: "string" }, { const: true }] },
        when: WHEN,
      },
      additionalProperties: false,
    },
    cut: { type: "integer", minimum: 0 },
    drop: WHEN,
  },
  additionalProperties: false,
};

export function faultRoutes(control: FastifyInstance, { faults }: { faults: Faults }): void {
  control.get(
    "/_tutum/faults",
    describe("The rules, how often each was applied, and what it holds"),
    async () => ({
      faults: faults.list(),
    }),
  );

  control.post<{ Body: FaultRule }>(
    "/_tutum/faults",
    describe("Add a rule", RULE),
    async (request, reply) => {
      reply.code(201);
      return { id: faults.add(request.body) };
    },
  );

  control.delete("/_tutum/faults", describe("Remove all rules; held requests go on"), async () => {
    const removed = faults.list().length;
    faults.clear();
    return { removed };
  });

  control.post<{ Params: { id: string } }>(
    "/_tutum/faults/:id/release",
    describe("Let go the requests a rule holds, and remove it"),
    async request => {
      const released = faults.release(request.params.id);
      if (released === undefined) throw new ApiError(404);
      return { released };
    },
  );
}

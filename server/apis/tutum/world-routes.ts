/** POST seed · POST containers/<uuid>/exit: things that happen to the simulated world. */
import type { FastifyInstance } from "fastify";
import { describe } from "../../host/control/describe";
import { exitContainer } from "./operations/containers";
import type { Engine } from "./operations/engine";
import { seed } from "./operations/seed";

export function worldRoutes(control: FastifyInstance, engine: Engine): void {
  control.post(
    "/_tutum/seed",
    describe("Add running applications by name; those that exist stay as they are", {
      type: "object",
      required: ["applications"],
      properties: { applications: { type: "object", additionalProperties: { type: "object" } } },
      additionalProperties: false,
    }),
    async request => seed(engine, request.body),
  );

  control.post<{ Params: { uuid: string }; Body: { code: number } }>(
    "/_tutum/containers/:uuid/exit",
    describe("A running container's process dies with this exit code", {
      type: "object",
      required: ["code"],
      properties: { code: { type: "integer", minimum: 0, maximum: 255 } },
      additionalProperties: false,
    }),
    async request => exitContainer(engine, request.params.uuid, request.body.code),
  );
}

/** POST seed · POST containers/<uuid>/exit · GET, POST clock: things that happen to the simulated world. */
import type { FastifyInstance } from "fastify";
import type { ControlParts } from "../../host/control/control";
import { describe } from "../../host/control/describe";
import { ApiError } from "../../host/errors";
import { isManualClock } from "../../host/ports/manual-clock";
import { exitContainer } from "./operations/containers";
import { seed } from "./operations/seed";

const YEAR_MS = 366 * 24 * 60 * 60_000;

export function worldRoutes(control: FastifyInstance, { engine, clock }: ControlParts): void {
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

  const time = () => ({ now: new Date(clock.now()).toISOString(), virtual: isManualClock(clock) });

  control.get("/_tutum/clock", describe("What time it is on the server"), async () => time());

  control.post<{ Body: { advance: number } }>(
    "/_tutum/clock",
    describe("Move a virtual clock on by this many milliseconds; what is due happens", {
      type: "object",
      required: ["advance"],
      properties: { advance: { type: "integer", minimum: 0, maximum: YEAR_MS } },
      additionalProperties: false,
    }),
    async request => {
      if (!isManualClock(clock)) {
        throw new ApiError(409, {
          error: "This server runs on real time: start it with --virtual-clock to move its clock.",
        });
      }
      await clock.advance(request.body.advance);
      return time();
    },
  );
}

/** GET, POST clock: what time it is on the server, and a virtual clock moved on. */
import type { FastifyInstance } from "fastify";
import { ApiError } from "../errors";
import type { Clock } from "../ports/clock";
import { isManualClock } from "../ports/manual-clock";
import { describe } from "./describe";

const YEAR_MS = 366 * 24 * 60 * 60_000;

export function clockRoutes(control: FastifyInstance, { clock }: { clock: Clock }): void {
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

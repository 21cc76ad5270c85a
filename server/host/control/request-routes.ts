/** GET, DELETE requests: what clients have sent, secrets masked. */
import type { FastifyInstance } from "fastify";
import type { RequestRecorder } from "../http/recorded-requests";
import { describe } from "./describe";

export function requestRoutes(control: FastifyInstance, { recorder }: { recorder: RequestRecorder }): void {
  control.get(
    "/_tutum/requests",
    describe("The last API calls, oldest first; secrets are masked"),
    async () => ({
      requests: recorder.all,
    }),
  );

  control.delete("/_tutum/requests", describe("Forget the API calls so far"), async () => {
    const forgotten = recorder.all.length;
    recorder.clear();
    return { forgotten };
  });
}

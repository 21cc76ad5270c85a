/** GET, DELETE requests: what clients have sent, secrets masked. */
import type { FastifyInstance } from "fastify";
import type { Journal } from "../http/recorded-requests";
import { describe } from "./describe";

export function journalRoutes(control: FastifyInstance, { journal }: { journal: Journal }): void {
  control.get(
    "/_tutum/requests",
    describe("The last API calls, oldest first; secrets are masked"),
    async () => ({
      requests: journal.all,
    }),
  );

  control.delete("/_tutum/requests", describe("Forget the API calls so far"), async () => {
    const forgotten = journal.all.length;
    journal.clear();
    return { forgotten };
  });
}

/** Lets only requests with the right credentials through to an API, and slows down those who guess. */
import type { FastifyInstance } from "fastify";
import type { Api } from "../api";
import type { Connections } from "./connections";
import { FailureLimit } from "./failure-limit";
import type { Peers } from "./peers";
import { isOwn } from "./requests";

export function requireCredentials(
  app: FastifyInstance,
  api: Pick<Api, "owns" | "authenticate" | "verify" | "errorBody">,
  { peers, connections }: { peers: Peers; connections: Connections },
): void {
  const failures = new FailureLimit();
  app.addHook("onRequest", async (request, reply) => {
    if (!isOwn(request, api)) return;
    // Compared first: who has the right ones never waits for those who guess, wherever they come from.
    if (api.authenticate(request)) {
      if (!api.verify) connections.welcome(request);
      return;
    }
    const address = peers.clientOf(request);
    if (failures.isExceeded(address)) {
      const body = api.errorBody(429, "Too many requests with wrong credentials: wait a second.");
      return reply.code(429).header("Retry-After", "1").send(body);
    }
    failures.add(address);
    return reply.code(401).send(api.errorBody(401, "Credentials are missing or wrong."));
  });
}

/** Lets only requests with the right credentials through to the API, and slows down those who guess. */
import type { FastifyInstance } from "fastify";
import type { Connections } from "../../host/http/connections";
import { createAuthenticator } from "../../host/http/credentials";
import { FailureLimit } from "../../host/http/failure-limit";
import type { Peers } from "../../host/http/peers";
import { isApiRequest } from "../../host/http/requests";

export interface Accounts {
  user: string;
  apikey: string;
  /** For `GET /api/v1/auth/`, which tells the key. */
  password: string;
}

export const AUTH_PATH = "/api/v1/auth/";

export function requireCredentials(
  app: FastifyInstance,
  { user, apikey, password }: Accounts,
  { peers, connections }: { peers: Peers; connections: Connections },
): void {
  const byKey = createAuthenticator(user, apikey);
  const byPassword = createAuthenticator(user, password, ["basic"]);
  const failures = new FailureLimit();

  app.addHook("onRequest", async (request, reply) => {
    if (!isApiRequest(request)) return;
    const authenticate = request.routeOptions.url === AUTH_PATH ? byPassword : byKey;
    // Compared first: who has the right ones never waits for those who guess, wherever they come from.
    if (authenticate(request)) {
      connections.welcome(request);
      return;
    }
    const address = peers.clientOf(request);
    if (failures.isExceeded(address)) {
      const error = "Too many requests with wrong credentials: wait a second.";
      return reply.code(429).header("Retry-After", "1").send({ error });
    }
    failures.add(address);
    return reply.code(401).send();
  });
}

/** Whose the server is, and what shows that a request is theirs. */
import type { FastifyRequest } from "fastify";
import { claimedUser, createAuthenticator } from "./credentials";

export interface Accounts {
  user: string;
  apikey: string;
  /** For `GET /api/v1/auth/`, which tells the key. */
  password: string;
}

export const AUTH_PATH = "/api/v1/auth/";

export function authenticatorOf({ user, apikey, password }: Accounts): (request: FastifyRequest) => boolean {
  const byKey = createAuthenticator(user, apikey);
  const byPassword = createAuthenticator(user, password, ["basic"]);
  return request => (request.routeOptions.url === AUTH_PATH ? byPassword : byKey)(request);
}

/** No other name than the account's is shown: it may be a key in the wrong place. */
export function callerOf(request: FastifyRequest, user: string): string | null {
  const claimed = claimedUser(request);
  return claimed === null || claimed === user ? claimed : "***";
}

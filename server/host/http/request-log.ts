/** One line for each request: what was asked, what was answered, how long it took, who asked from where. No secrets. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "../ports/logger";
import { claimedUser } from "./credentials";
import type { Peers } from "./peers";
import { shownPath } from "./requests";

/** `user` is the account's: no other name is logged, it may be a key in the wrong place. */
export function logRequests(app: FastifyInstance, logger: Logger, user: string, peers: Peers): void {
  const about = (request: FastifyRequest) => {
    // The control API's token is nobody's name.
    const claimed = claimedUser(request);
    return {
      method: request.method,
      route: request.routeOptions.url ?? "none",
      path: shownPath(request),
      client: peers.clientOf(request),
      ...(claimed === null ? {} : { user: claimed === user ? user : "***" }),
    };
  };

  app.addHook("onResponse", async (request, reply) => {
    logger.info(
      { ...about(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      "request",
    );
  });
  app.addHook("onRequestAbort", async request => {
    logger.info(about(request), "the client went away before its answer");
  });
}

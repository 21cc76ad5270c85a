/** One line for each request: what was asked, what was answered, how long it took, who asked. No secrets. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "../ports/logger";
import { claimedUser } from "./credentials";
import { pathOf } from "./requests";

export function logRequests(app: FastifyInstance, logger: Logger): void {
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

function about(request: FastifyRequest) {
  // The control API's token is nobody's name.
  const user = claimedUser(request);
  return {
    method: request.method,
    route: request.routeOptions.url ?? "none",
    path: pathOf(request),
    ...(user === null ? {} : { user }),
  };
}

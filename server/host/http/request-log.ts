/** One line for each request: what was asked, what was answered, how long it took, who asked from where. No secrets. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Api } from "../api";
import type { Logger } from "../ports/logger";
import type { Peers } from "./peers";
import { shownPath } from "./requests";

export function logRequests(
  app: FastifyInstance,
  logger: Logger,
  api: Pick<Api, "callerOf">,
  peers: Peers,
): void {
  const about = (request: FastifyRequest) => {
    // The control API's token is nobody's name.
    const caller = api.callerOf(request);
    return {
      method: request.method,
      route: request.routeOptions.url ?? "none",
      path: shownPath(request),
      client: peers.clientOf(request),
      ...(caller === null ? {} : { user: caller }),
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

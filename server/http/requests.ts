import type { FastifyRequest } from "fastify";

/** Without the query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}

/**
 * True for the Tutum API, also for paths under it that do not exist. The route decides where there is one: the
 * router decodes `/%61pi/` before it looks, so the text alone does not tell.
 */
export function isApiRequest(request: FastifyRequest): boolean {
  return (request.routeOptions.url ?? request.url).startsWith("/api/");
}

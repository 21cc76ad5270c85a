import type { FastifyRequest } from "fastify";
import { shortened } from "../../apis/tutum/safe-record";

/** Longer ones are cut where they are kept: anybody can send them. */
const MAX_PATH = 256;

/** Without the query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}

/** The same cut short, to be logged and recorded. Before an `@` there may be a password, as in `me:secret@quay.io/app`. */
export function shownPath(request: FastifyRequest): string {
  const path = pathOf(request).replace(/^((?:\/[^/@%]*){3}\/)?.*(?:@|%40)/is, "$1***@");
  return shortened(path, MAX_PATH);
}

/**
 * True for the Tutum API, also for paths under it that do not exist. The route decides where there is one: the
 * router decodes `/%61pi/` before it looks, so the text alone does not tell.
 */
export function isApiRequest(request: FastifyRequest): boolean {
  return (request.routeOptions.url ?? request.url).startsWith("/api/");
}

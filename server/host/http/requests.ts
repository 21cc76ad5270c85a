import type { FastifyRequest } from "fastify";
import type { Api } from "../api";
import { shortened } from "./shortened";

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
 * True for the API itself, also for paths under it that do not exist. The route decides where there is one: the router
 * decodes `/%61pi/` before it looks, so the text alone does not tell.
 */
export function isOwn(request: FastifyRequest, api: Pick<Api, "owns">): boolean {
  return api.owns(request.routeOptions.url ?? request.url);
}

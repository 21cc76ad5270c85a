/** Where the API is on its listener: `/1.0`, and `/v1` for the same. */
import type { FastifyRequest } from "fastify";

export const BASES = ["/1.0", "/v1"] as const;
/** Where consumer keys are validated; no part of the API. */
export const VALIDATION = "/auth/";

/** Also below the second version, of which nothing is there. */
export function isOfApi(path: string): boolean {
  return /^\/(1\.0|v1|v2)(\/|\?|$)/.test(path);
}

/** As rules name it: without base and query. */
export function rulePath({ url }: FastifyRequest): string {
  const [path = ""] = url.split("?", 1);
  return path.replace(/^\/(1\.0|v1)(?=\/|$)/, "");
}

/** `http://127.0.0.1:PORT`, as the client calls it. */
export function originOf(request: FastifyRequest): string {
  return `http://${request.headers.host}`;
}

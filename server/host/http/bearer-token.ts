import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";

/** True when the header is `Bearer <token>`, compared in constant time. An empty token is none. */
export function hasToken(request: FastifyRequest, token: string): boolean {
  if (token === "") return false;
  const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

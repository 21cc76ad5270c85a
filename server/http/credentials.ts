/**
 * Credentials of a request: `Authorization: ApiKey user:key`, the query's `username` and `api_key`, or Basic.
 * Compared as digests, in constant time.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";

interface Credentials {
  user: string;
  key: string;
}

/** True when the request carries exactly this user and key. */
export type Authenticate = (request: FastifyRequest) => boolean;

export function createAuthenticator(user: string, apikey: string): Authenticate {
  const expected = digest(`${user}:${apikey}`);
  return request => {
    const given = credentialsOf(request);
    return given !== undefined && timingSafeEqual(digest(`${given.user}:${given.key}`), expected);
  };
}

/** The user a request claims to come from. */
export function claimedUser(request: FastifyRequest): string | null {
  return credentialsOf(request)?.user ?? null;
}

/** True when the header is `Bearer <token>`. */
export function hasToken(request: FastifyRequest, token: string): boolean {
  const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(token));
}

function credentialsOf(request: FastifyRequest): Credentials | undefined {
  const header = /^(\S+)\s+(\S.*)$/.exec(request.headers.authorization ?? "");
  const scheme = header?.[1]?.toLowerCase();
  if (scheme === "apikey") return split(header?.[2]);
  if (scheme === "basic") return split(Buffer.from(header?.[2] ?? "", "base64").toString("utf8"));
  const query = request.query as Record<string, unknown>;
  if (header || typeof query.username !== "string" || typeof query.api_key !== "string") return undefined;
  return { user: query.username, key: query.api_key };
}

function split(text = ""): Credentials | undefined {
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), key: text.slice(colon + 1) };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

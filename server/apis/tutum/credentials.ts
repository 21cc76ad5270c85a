/**
 * Credentials of a request: `Authorization: ApiKey user:key`, the query's `username` and `api_key`, or Basic.
 * Compared as digests, in constant time.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";

type Scheme = "apikey" | "basic" | "query";

interface Credentials {
  scheme: Scheme;
  user: string;
  key: string;
}

/** True when the request carries exactly this user and key. */
export type Authenticate = (request: FastifyRequest) => boolean;

/** `schemes`: the ways to send credentials that count; by default all. */
export function createAuthenticator(user: string, apikey: string, schemes?: Scheme[]): Authenticate {
  const expected = digest(`${user}:${apikey}`);
  return request => {
    const given = credentialsOf(request);
    if (given === undefined || schemes?.includes(given.scheme) === false) return false;
    return timingSafeEqual(digest(`${given.user}:${given.key}`), expected);
  };
}

/** The user a request claims to come from. */
export function claimedUser(request: FastifyRequest): string | null {
  return credentialsOf(request)?.user ?? null;
}

function credentialsOf(request: FastifyRequest): Credentials | undefined {
  const header = /^(\S+)\s+(\S.*)$/.exec(request.headers.authorization ?? "");
  const scheme = header?.[1]?.toLowerCase();
  if (scheme === "apikey") return split(scheme, header?.[2]);
  if (scheme === "basic") {
    return split(scheme, Buffer.from(header?.[2] ?? "", "base64").toString("utf8"));
  }
  const query = request.query as Record<string, unknown>;
  if (header || typeof query.username !== "string" || typeof query.api_key !== "string") return undefined;
  return { scheme: "query", user: query.username, key: query.api_key };
}

function split(scheme: Scheme, text = ""): Credentials | undefined {
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { scheme, user: text.slice(0, colon), key: text.slice(colon + 1) };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

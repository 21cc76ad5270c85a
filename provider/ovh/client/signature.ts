import { createHash } from "node:crypto";
import type { SentRequest } from "../../http/http-message";

export interface SigningKeys {
  applicationSecret: string;
  consumerKey: string;
}

/** Of the bytes that are sent; `timestamp` in seconds, as the server's clock has it. */
export function signatureOf(
  { applicationSecret, consumerKey }: SigningKeys,
  { method, url, body = "" }: Pick<SentRequest, "method" | "url" | "body">,
  timestamp: number,
): string {
  const signed = [applicationSecret, consumerKey, method, url, body, timestamp].join("+");
  return `$1$${createHash("sha1").update(signed).digest("hex")}`;
}

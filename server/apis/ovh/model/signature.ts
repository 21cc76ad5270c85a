/** `$1$` and the SHA-1 of what was sent: URL and body as they came, nothing decoded or written anew. */
import { createHash, timingSafeEqual } from "node:crypto";

export interface Signed {
  applicationSecret: string;
  consumerKey: string;
  method: string;
  url: string;
  body: Buffer;
  timestamp: string;
}

export function signatureOf(signed: Signed): string {
  const { applicationSecret, consumerKey, method, url, body, timestamp } = signed;
  const hash = createHash("sha1")
    .update(`${applicationSecret}+${consumerKey}+${method}+${url}+`)
    .update(body)
    .update(`+${timestamp}`);
  return `$1$${hash.digest("hex")}`;
}

export function isSame(signature: string, expected: string): boolean {
  const [sent, own] = [Buffer.from(signature), Buffer.from(expected)];
  return sent.length === own.length && timingSafeEqual(sent, own);
}

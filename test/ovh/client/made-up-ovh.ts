/** As much of OVH's API as the client can be wrong about: keys, signatures, the clock, errors in its own words. */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type Received, scriptedServer } from "../../tutum/client/scripted-server";

export const APPLICATION = {
  applicationKey: "TDPKJdwZwAQPwKX2",
  applicationSecret: "9ufkBmLaTQ9nz5yMUlg79taH0GNnzDjk",
};
export const CONSUMER_KEY = "5mBuy6SUQcRw2ZUxg0cG68BoDKpED4KY";
export const NEW_KEY = "NEWbuy6SUQcRw2ZUxg0cG68BoDKpED4K";
export const KEYS = { ...APPLICATION, consumerKey: CONSUMER_KEY };

export type Answer = { status?: number; body?: unknown; text?: string; headers?: Record<string, string> };

export interface Behaviour {
  /** Of signed calls that are accepted. Default: 200, null. */
  answer?(request: Received, before: number): Answer | undefined;
  /** The server's clock, in seconds. Default: the system's. */
  time?(): number;
  /** The keys that are validated. Default: `CONSUMER_KEY`. */
  keys?: Set<string>;
  /** What `POST /auth/credential` hands out. Default: `NEW_KEY`. */
  newKey?: string;
  /** Sees each request before it is judged, by how many came before it of its kind. */
  see?(request: Received, before: number): void;
  /** In the place of an answer to a request that is not signed. */
  unsigned?(request: Received): Answer | undefined;
}

const refusal = (status: number, errorCode: string, message: string): Answer => ({
  status,
  body: { class: "Client::Forbidden", errorCode, httpCode: `${status} x`, message },
});

/** `received` has the paths below `/1.0`, in order. */
export async function madeUpOvh(behaviour: Behaviour = {}) {
  const { answer, time = () => Math.floor(Date.now() / 1000), keys = new Set([CONSUMER_KEY]) } = behaviour;
  const { newKey = NEW_KEY, see, unsigned } = behaviour;
  const seen = new Map<string, number>();
  let accepted = 0;
  let url = "";

  const judged = (request: Received): Answer => {
    const { method, headers, body } = request;
    const kind = `${method} ${request.url}`;
    see?.(request, seen.get(kind) ?? 0);
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    const instead = headers["x-ovh-signature"] === undefined ? unsigned?.(request) : undefined;
    if (instead) return instead;
    if (headers["x-ovh-application"] !== APPLICATION.applicationKey)
      return refusal(403, "INVALID_KEY", "This application key is invalid");
    if (request.url === "/1.0/auth/time") return { body: time() };
    if (request.url === "/1.0/auth/credential")
      return {
        body: {
          consumerKey: newKey,
          validationUrl: `${url}/auth/?credentialToken=t`,
          state: "pendingValidation",
        },
      };
    const { "x-ovh-consumer": consumer, "x-ovh-timestamp": at, "x-ovh-signature": signature } = headers;
    if (typeof consumer !== "string") return refusal(401, "NOT_CREDENTIAL", "You must login first");
    if (!keys.has(consumer)) return refusal(403, "INVALID_CREDENTIAL", "This credential is not valid");
    if (Math.abs(Number(at) - time()) > 180) return refusal(400, "QUERY_TIME_OUT", "Query out of time");
    const signed = `${APPLICATION.applicationSecret}+${consumer}+${method}+http://${headers.host}${request.url}+${body}+${at}`;
    const expected = `$1$${createHash("sha1").update(signed, "utf8").digest("hex")}`;
    if (signature !== expected) return refusal(400, "INVALID_SIGNATURE", "Invalid signature");
    return answer?.(request, accepted++) ?? { body: null };
  };

  const server = await scriptedServer((response: ServerResponse, request) => {
    const { status = 200, body, text = JSON.stringify(body), headers } = judged(request);
    response.writeHead(status, { "X-OVH-QUERYID": "EU.ext-99.foobar", ...headers }).end(text);
  });
  url = server.url;
  return {
    ...server,
    keys,
    endpoint: `${server.url}/1.0`,
    calls: () => server.received.map(({ method, url: asked }) => `${method} ${asked.replace(/^\/1\.0/, "")}`),
  };
}

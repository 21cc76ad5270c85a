/** An API that no cloud has: requests are signed, errors are numbered, and each has an id. */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import * as v from "valibot";
import { Api, type Dialect } from "../../provider/http/api";
import { ApiError } from "../../provider/http/api-error";
import { decoder } from "../../provider/http/decode";
import { HttpClient, type HttpClientOptions } from "../../provider/http/http-client";
import type { HttpTransport, SentRequest } from "../../provider/http/http-message";
import { RetryBudget } from "../../provider/http/retry";
import { serverMessage } from "../../provider/http/server-message";
import type { Received } from "../tutum/client/scripted-server";

export const SECRET = "canary-secret-7c31";

export interface Book {
  id: number;
  title: string;
}

export const asBook = decoder<Book>(v.object({ id: v.number(), title: v.string() }), "no book");

export class ShelfError extends ApiError {
  override readonly name = "ShelfError";
}

export const DIALECT: Dialect = {
  name: "a shelf",
  errorOf: details => new ShelfError(details),
  serverMessage: body => serverMessage(body, ["error"]),
  requestIdHeader: "x-shelf-query",
  secrets: () => [SECRET],
};

export function shelf(
  options: Partial<HttpClientOptions> & { baseUrl: string },
  dialect?: Partial<Dialect>,
): Api {
  const http = new HttpClient({ headers: {}, retryBudget: new RetryBudget(), random: () => 0, ...options });
  return new Api(http, { ...DIALECT, ...dialect });
}

/** As the server counts it, from what it received. */
export function signature(method: string, url: string, body: string, time: number): string {
  return createHash("sha256").update([SECRET, method, url, body, time].join("+")).digest("hex");
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse, _request?: Received, _before?: number) =>
    response.writeHead(status, headers).end(JSON.stringify(body));

/** A transport that keeps what it was given, and answers one after the other. */
export function scriptedTransport(...answers: Awaited<ReturnType<HttpTransport>>[]) {
  const sent: SentRequest[] = [];
  const transport: HttpTransport = async request => {
    sent.push(request);
    return answers[Math.min(sent.length, answers.length) - 1] ?? { status: 500, text: "" };
  };
  return { sent, transport };
}

/** One path with its methods, each with what the API's document says of it; every other method answers 405. */
import type { FastifyInstance, FastifyRequest, HTTPMethods } from "fastify";
import { AUTH_FAILURES, BODY_FAILURES, CHANGE_FAILURES, NOT_FOUND, TOO_LONG } from "../openapi/failures";
import { type Schema, text } from "../openapi/schema";
import { uuid } from "../openapi/shared-schemas";

export type ApiRequest = FastifyRequest<{
  Params: { uuid: string; "*": string };
  Querystring: Record<string, string>;
}>;

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const;
type Method = (typeof METHODS)[number];

export interface Endpoint {
  summary: string;
  /** Of success. */
  status: number;
  handle: (request: ApiRequest) => unknown;
  /** Of the answer. */
  answer: Schema;
  query?: Record<string, Schema>;
  headers?: Record<string, Schema>;
  body?: Schema;
  failures?: Record<number, Schema>;
  security?: Record<string, string[]>[];
}

/** The schemas describe; they neither check nor change what comes in and goes out. */
export function resource(
  app: FastifyInstance,
  tag: string,
  url: string,
  methods: Partial<Record<Method, Endpoint>>,
): void {
  const offered = METHODS.filter(method => methods[method]);
  for (const method of offered) {
    const endpoint = methods[method] as Endpoint;
    app.route({
      method,
      url,
      schema: schemaOf(tag, url, method, endpoint),
      handler: async (request, reply) => {
        const body = await endpoint.handle(request as ApiRequest);
        reply.code(endpoint.status);
        return body;
      },
    });
  }
  app.route({
    method: METHODS.filter(method => !offered.includes(method)) as HTTPMethods[],
    url,
    schema: { hide: true },
    handler: async (_request, reply) => reply.code(405).header("Allow", offered.join(", ")).send(),
  });
}

function schemaOf(tag: string, url: string, method: Method, endpoint: Endpoint) {
  const { summary, status, answer, query, headers, body, failures, security } = endpoint;
  const names = [...url.matchAll(/:(\w+)|\*/g)].map(match => match[1] ?? "name");
  const response = {
    [status]: { description: status === 202 ? "Accepted" : "Success", ...answer },
    ...AUTH_FAILURES,
    ...(names.length > 0 ? NOT_FOUND : {}),
    ...(names.includes("uuid") ? TOO_LONG : {}),
    ...(method === "GET" ? {} : { ...BODY_FAILURES, ...CHANGE_FAILURES }),
    ...failures,
  };
  return {
    tags: [tag],
    summary,
    ...(names.length > 0 ? { params: object(names.map(name => [name, name === "uuid" ? uuid : text])) } : {}),
    ...(query ? { querystring: object(Object.entries(query)) } : {}),
    ...(headers ? { headers: object(Object.entries(headers)) } : {}),
    ...(body ? { body } : {}),
    ...(security ? { security } : {}),
    response,
  };
}

function object(properties: [string, Schema][]): Schema {
  return { type: "object", properties: Object.fromEntries(properties) };
}

/** An API's endpoints as a table: each is at all bases of the API, and what it gives is sent as JSON. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Application, Credential } from "../model/records";
import type { Books } from "../operations/books";
import { BASES } from "../paths";

export type Request = FastifyRequest<{
  Params: Record<"id" | "zone", string>;
  Querystring: Record<string, string>;
}>;

/** What endpoints need. */
export interface Parts {
  books: Books;
  /** Of a request that was let through. */
  callerOf(request: FastifyRequest): { application: Application; credential: Credential };
  lastUse(credential: string): number | undefined;
}

export interface Endpoint {
  summary: string;
  /** Parameters of the query, with what the description says of them. */
  query?: Record<string, object>;
  body?: object;
  /** Schema of the response. */
  answer: object;
  handle(request: Request): unknown;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

export type Table = Record<string, Partial<Record<Method, Endpoint>>>;

export function endpoints(app: FastifyInstance, { books }: Parts, tag: string, table: Table): void {
  for (const [path, methods] of Object.entries(table)) {
    for (const [method, endpoint] of Object.entries(methods)) {
      for (const base of BASES) {
        app.route<{ Params: Record<"id" | "zone", string>; Querystring: Record<string, string> }>({
          method,
          url: base + path,
          schema: schemaOf(tag, endpoint, base !== BASES[0]),
          async handler(request, reply) {
            // A change is stored before it is answered; what is read may be one that is not stored yet.
            const value =
              method === "GET"
                ? await books.ledger.read(() => endpoint.handle(request))
                : await endpoint.handle(request);
            return reply.type("application/json").send(JSON.stringify(value));
          },
        });
      }
    }
  }
}

function schemaOf(tag: string, { summary, query, body, answer }: Endpoint, hide: boolean) {
  return {
    ...{ tags: [tag], summary, hide },
    ...(query ? { querystring: { type: "object", properties: query } } : {}),
    ...(body ? { body } : {}),
    response: { 200: { description: "OK", ...answer } },
  };
}

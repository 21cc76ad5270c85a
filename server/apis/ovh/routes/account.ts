/** The account, its bills, its servers, the instances of RunAbove. */
import type { FastifyInstance } from "fastify";
import { anything, burst, nothing, text, texts } from "../openapi/schemas";
import { getBill, getMe, listBills, updateMe } from "../operations/account";
import {
  getBurst,
  getServer,
  listInstances,
  listServers,
  updateBurst,
  updateServer,
} from "../operations/servers";
import { originOf } from "../paths";
import { endpoints, type Parts } from "./endpoint";

export function accountRoutes(app: FastifyInstance, parts: Parts): void {
  const { books } = parts;
  endpoints(app, parts, "me", {
    "/me": {
      GET: { summary: "Whose account it is", answer: anything, handle: () => getMe(books) },
      PUT: {
        summary: "Change what can be written",
        body: anything,
        answer: nothing,
        handle: ({ body }) => updateMe(books, body),
      },
    },
    "/me/bill": {
      GET: {
        summary: "Bills",
        query: { "date.from": text, "date.to": text, orderId: text, category: text },
        answer: texts,
        handle: ({ query }) => listBills(books, query),
      },
    },
    "/me/bill/:id": {
      GET: {
        summary: "A bill",
        answer: anything,
        handle: request => getBill(books, request.params.id, originOf(request)),
      },
    },
  });
  endpoints(app, parts, "dedicated server", {
    "/dedicated/server": {
      GET: { summary: "Dedicated servers", answer: texts, handle: () => listServers(books) },
    },
    "/dedicated/server/:id": {
      GET: {
        summary: "A dedicated server",
        answer: anything,
        handle: ({ params }) => getServer(books, params.id),
      },
      PUT: {
        summary: "Change what can be written",
        body: anything,
        answer: nothing,
        handle: ({ params, body }) => updateServer(books, params.id, body),
      },
    },
    "/dedicated/server/:id/burst": {
      GET: {
        summary: "Its network burst",
        answer: burst,
        handle: ({ params }) => getBurst(books, params.id),
      },
      PUT: {
        summary: "Change its network burst",
        body: burst,
        answer: nothing,
        handle: ({ params, body }) => updateBurst(books, params.id, body),
      },
    },
  });
  endpoints(app, parts, "runabove", {
    "/instance": {
      GET: {
        summary: "RunAbove's instances",
        answer: { type: "array", items: anything },
        handle: () => listInstances(books),
      },
    },
  });
}

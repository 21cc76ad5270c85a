/** Zones and their records. */
import type { FastifyInstance } from "fastify";
import {
  anything,
  fieldType,
  nothing,
  numbers,
  record,
  recordCreate,
  recordUpdate,
  text,
  texts,
  zone,
} from "../openapi/schemas";
import {
  addRecord,
  exportZone,
  getRecord,
  getZone,
  listRecords,
  listZones,
  refresh,
  removeRecord,
  updateRecord,
} from "../operations/zones";
import { endpoints, type Parts } from "./endpoint";

const ZONE = "/domain/zone/:zone";

export function zoneRoutes(app: FastifyInstance, parts: Parts): void {
  const { books } = parts;
  endpoints(app, parts, "domain", {
    "/domain/zone": { GET: { summary: "Zones", answer: texts, handle: () => listZones(books) } },
    [ZONE]: { GET: { summary: "A zone", answer: zone, handle: ({ params }) => getZone(books, params.zone) } },
    [`${ZONE}/record`]: {
      GET: {
        summary: "Its records",
        query: { fieldType, subDomain: text },
        answer: numbers,
        handle: ({ params, query }) => listRecords(books, params.zone, query),
      },
      POST: {
        summary: "Add a record; it is live after a refresh",
        body: recordCreate,
        answer: record,
        handle: ({ params, body }) => addRecord(books, params.zone, body),
      },
    },
    [`${ZONE}/record/:id`]: {
      GET: {
        summary: "A record",
        answer: record,
        handle: ({ params }) => getRecord(books, params.zone, params.id),
      },
      PUT: {
        summary: "Change a record but for its type; live after a refresh",
        body: recordUpdate,
        answer: nothing,
        handle: ({ params, body }) => updateRecord(books, params.zone, params.id, body),
      },
      DELETE: {
        summary: "Remove a record; gone after a refresh",
        answer: nothing,
        handle: ({ params }) => removeRecord(books, params.zone, params.id),
      },
    },
    [`${ZONE}/refresh`]: {
      POST: {
        summary: "Make all changes live",
        body: anything,
        answer: nothing,
        handle: ({ params, body }) => refresh(books, params.zone, body),
      },
    },
    [`${ZONE}/export`]: {
      GET: { summary: "The zone file", answer: text, handle: ({ params }) => exportZone(books, params.zone) },
    },
  });
}

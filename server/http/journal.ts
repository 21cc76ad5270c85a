/** The last API calls, for tests and for people who want to see what a client really sent. Secrets are masked. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { claimedUser } from "./credentials";

export interface RequestRecord {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  /** Parsed; values of `container_envvars` are masked. Null when there was none. */
  body: unknown;
  /** 0 until the request is answered. */
  status: number;
  /** The user the request claimed to be, right or wrong; null without credentials. */
  authorizationUser: string | null;
}

const CAPACITY = 10_000;
const MASK = "***";

export class Journal {
  private records: RequestRecord[] = [];

  /** Oldest first. */
  get all(): readonly RequestRecord[] {
    return this.records;
  }

  clear(): void {
    this.records = [];
  }

  attach(app: FastifyInstance): void {
    const open = new WeakMap<FastifyRequest, RequestRecord>();
    app.addHook("onRequest", async request => {
      const path = request.url.split("?")[0] ?? "";
      if (!path.startsWith("/api/")) return;
      const record: RequestRecord = {
        method: request.method,
        path,
        query: withoutKey(request.query as Record<string, string>),
        body: null,
        status: 0,
        authorizationUser: claimedUser(request),
      };
      open.set(request, record);
      this.records.push(record);
      if (this.records.length > CAPACITY) this.records.splice(0, CAPACITY / 10);
    });
    app.addHook("preHandler", async request => {
      const record = open.get(request);
      if (record && request.body !== undefined) record.body = masked(request.body);
    });
    // Before the answer leaves, so that whoever has the answer finds it in the journal.
    app.addHook("onSend", async (request, reply, payload) => {
      const record = open.get(request);
      if (record) record.status = reply.statusCode;
      return payload;
    });
  }
}

function withoutKey(query: Record<string, string>): Record<string, string> {
  return query.api_key === undefined ? { ...query } : { ...query, api_key: MASK };
}

function masked(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const { container_envvars: envvars } = body as { container_envvars?: unknown };
  if (!Array.isArray(envvars)) return body;
  return {
    ...body,
    container_envvars: envvars.map(item =>
      typeof item === "object" && item !== null ? { ...item, value: MASK } : MASK,
    ),
  };
}

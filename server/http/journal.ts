/** The last API calls, for tests and for people who want to see what a client really sent. Secrets are masked. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { claimedUser } from "./credentials";
import { isApiRequest, pathOf } from "./requests";

export interface RequestRecord {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  /** Parsed; passwords and values of `container_envvars` are masked. Null when there was none. */
  body: unknown;
  /** 0 until the request is answered. */
  status: number;
  /** The user the request claimed to be, right or wrong; null without credentials. */
  authorizationUser: string | null;
  /** Id of the fault rule that was applied; the status may then not have reached the client. */
  fault?: string;
}

const CAPACITY = 10_000;
const MASK = "***";

export class Journal {
  private records: RequestRecord[] = [];
  private readonly open = new WeakMap<FastifyRequest, RequestRecord>();

  /** Oldest first. */
  get all(): readonly RequestRecord[] {
    return this.records;
  }

  clear(): void {
    this.records = [];
  }

  noteFault(request: FastifyRequest, fault: string): void {
    const record = this.open.get(request);
    if (record) record.fault = fault;
  }

  attach(app: FastifyInstance): void {
    const { open } = this;
    app.addHook("onRequest", async request => {
      if (!isApiRequest(request)) return;
      const record: RequestRecord = {
        method: request.method,
        path: pathOf(request),
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
  const copy: Record<string, unknown> = { ...body };
  if (copy.password !== undefined) copy.password = MASK;
  if (Array.isArray(copy.container_envvars)) {
    copy.container_envvars = copy.container_envvars.map((item: unknown) =>
      typeof item === "object" && item !== null ? { ...item, value: MASK } : MASK,
    );
  }
  return copy;
}

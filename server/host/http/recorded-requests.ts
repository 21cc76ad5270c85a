/**
 * The last API calls, for tests and for people who want to see what a client really sent. Only what is known to be no
 * secret is kept. It is weighed, not only counted: neither long requests nor many fill the memory.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Api } from "../api";
import { isOwn, shownPath } from "./requests";

export interface RequestRecord {
  /** The API that it came to: `tutum`. */
  api: string;
  method: string;
  /** Without the query. */
  path: string;
  /** Empty when the credentials were wrong. */
  query: Record<string, string>;
  /**
   * Known fields of known types, and names that look like ones; of all else, and of free texts that the answer does
   * not show, the shape. Passwords and values of `container_envvars` are masked.
   * Null when there was none, or the credentials were wrong.
   */
  body: unknown;
  /** 0 until the request is answered. */
  status: number;
  /** The account's user when the request claimed to be that, right or wrong; `***` for any other; null without. */
  authorizationUser: string | null;
  /** Id of the fault rule that was applied; the status may then not have reached the client. */
  fault?: string;
  /** Part of the query or body was too long to keep. */
  cut?: true;
}

export interface RecorderLimits {
  /** Calls in all. */
  count: number;
  /** Estimated bytes of memory in all. */
  bytes: number;
  /** Calls with wrong credentials, or refused before anybody looked at them. */
  strangers: number;
}

const DEFAULT_LIMITS: RecorderLimits = { count: 10_000, bytes: 16 * 1024 * 1024, strangers: 100 };
/** What a record takes besides its texts. */
const OVERHEAD = 500;

export class RequestRecorder {
  /** With their weights, oldest first. */
  private readonly records = new Map<RequestRecord, number>();
  private readonly strangers = new Set<RequestRecord>();
  private weight = 0;
  private list: readonly RequestRecord[] | undefined;
  private readonly open = new WeakMap<FastifyRequest, RequestRecord>();
  private readonly limits: RecorderLimits;

  constructor(limits: Partial<RecorderLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Oldest first. */
  get all(): readonly RequestRecord[] {
    this.list ??= [...this.records.keys()];
    return this.list;
  }

  /** Estimated bytes of all that is kept. */
  get bytes(): number {
    return this.weight;
  }

  clear(): void {
    this.records.clear();
    this.strangers.clear();
    this.weight = 0;
    this.list = undefined;
  }

  noteFault(request: FastifyRequest, fault: string): void {
    const record = this.open.get(request);
    if (record) record.fault = fault;
  }

  /** To be called before the hooks that refuse requests. */
  attach(app: FastifyInstance, api: Pick<Api, "name" | "owns" | "callerOf" | "redaction">): void {
    const { open } = this;
    app.addHook("onRequest", async request => {
      if (!isOwn(request, api)) return;
      const record: RequestRecord = {
        api: api.name,
        method: request.method,
        path: shownPath(request),
        query: {},
        body: null,
        status: 0,
        authorizationUser: api.callerOf(request),
      };
      open.set(request, record);
      this.strangers.add(record);
      this.weigh(record);
      const [oldest] = this.strangers;
      if (oldest && this.strangers.size > this.limits.strangers) this.forget(oldest);
    });
    // Only requests whose credentials are right come so far.
    app.addHook("preParsing", async request => {
      const record = open.get(request);
      if (!record) return;
      this.strangers.delete(record);
      const { value, cut } = api.redaction.query(request.query as Record<string, string>);
      record.query = value;
      if (cut) record.cut = true;
      this.weighAgain(record);
    });
    app.addHook("preHandler", async request => {
      this.keepBody(request, api);
    });
    // Before the answer leaves, so that whoever has the answer finds it recorded.
    app.addHook("onSend", async (request, reply, payload) => {
      const record = open.get(request);
      if (record) record.status = reply.statusCode;
      if (reply.statusCode < 400 && typeof payload === "string") this.keepBody(request, api, payload);
      return payload;
    });
  }

  private keepBody(request: FastifyRequest, api: Pick<Api, "redaction">, response?: string): void {
    const record = this.open.get(request);
    if (!record || request.body === undefined) return;
    const { value, cut } = api.redaction.body(request.body, response);
    record.body = value;
    if (cut) record.cut = true;
    this.weighAgain(record);
  }

  /** One that was forgotten meanwhile stays so. */
  private weighAgain(record: RequestRecord): void {
    if (this.records.has(record)) this.weigh(record);
  }

  private weigh(record: RequestRecord): void {
    const before = this.records.get(record);
    const weight = OVERHEAD + 2 * JSON.stringify(record).length;
    this.weight += weight - (before ?? 0);
    this.records.set(record, weight);
    this.list = undefined;
    for (const oldest of this.records.keys()) {
      if (this.records.size <= this.limits.count && this.weight <= this.limits.bytes) break;
      this.forget(oldest);
    }
  }

  private forget(record: RequestRecord): void {
    this.weight -= this.records.get(record) ?? 0;
    this.records.delete(record);
    this.strangers.delete(record);
    this.list = undefined;
  }
}

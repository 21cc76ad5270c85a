/**
 * What the host serves: an API with its routes, how it tells who asks, the shape of its errors, what of its requests
 * may be kept. Each has a listener of its own; clock, recorded requests, faults and control are one for all of them.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import type { Clock } from "./ports/clock";
import type { Logger } from "./ports/logger";
import type { Random } from "./ports/random";
import type { Records } from "./storage/records";
import type { Storage } from "./storage/storage";

/** What all APIs of a server share. */
export interface Shared {
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Keeps an API's records in a folder of this name in the data folder, under the same lock; without one, in memory. */
  store<Kept extends object>(name: string, records: Records<Kept>): Promise<Storage<Kept>>;
}

/** Makes another API beside the first one. */
export type Guest = (shared: Shared) => Promise<Api>;

/** What may be kept of a part of a request. */
export interface Kept<T> {
  value: T;
  /** Part of it was too long to keep. */
  cut: boolean;
}

export interface Redaction {
  query(query: Record<string, string>): Kept<Record<string, string>>;
  /** `response`: the body of a successful response, once there is one. */
  body(body: unknown, response?: string): Kept<unknown>;
}

export interface Health {
  ok: boolean;
  /** Added to what the control API says of the whole server. */
  details: object;
}

export interface Api {
  /** In recorded requests and fault rules; with other APIs also in log lines and metrics. */
  readonly name: string;
  /** True for a simulated API for tests: refused next to an API with real resources, and where others can connect. */
  readonly standIn?: boolean;
  /** What its changes affect in the real world, such as `real containers`. Absent: nothing. */
  readonly real?: string;
  /**
   * Whether a route, or a path that has none, is of the API itself: only with the right credentials, recorded, under
   * fault rules. All else on its listener is for everybody.
   */
  owns(path: string): boolean;
  /** True when the request carries the right credentials. */
  authenticate(request: FastifyRequest): boolean;
  /**
   * Of an API whose credentials are a signature over all that was sent: what `authenticate` could not look at. Called
   * with the body's bytes before anything is made of them; throws the response to a request that is refused.
   */
  verify?(request: FastifyRequest, body: Buffer): void;
  /** Whom a request claims to come from, as it may be shown: a name that nobody has may be a key. Null: nobody. */
  callerOf(request: FastifyRequest): string | null;
  /** Of an error that the host answers with. Undefined: it has no body. */
  errorBody(status: number, message: string): object | undefined;
  readonly redaction: Redaction;
  /** Of a response; called for each of them. */
  headers(): Readonly<Record<string, string>>;
  /** Must not throw: nobody would answer the request. */
  parseQuery(text: string): Record<string, string>;
  /** Called before any route is added. */
  document?(app: FastifyInstance): void;
  routes(app: FastifyInstance): void;
  /** What of the control API is about this one. */
  controlRoutes?(control: FastifyInstance): void;
  addMetrics?(registry: Registry): void;
  /**
   * Variables in which clients find how to reach this API, once it listens at that URL. What they read in a file is
   * written into the data folder, where there is one.
   */
  environment?(at: { url: string; folder: string | undefined }): Promise<Record<string, string>>;

  /** What there is, for the control API. */
  state(): object;
  health(): Promise<Health>;
  readonly storage: Pick<Storage<object>, "status" | "probe">;
  /** Goes on with what was under way when the server ended. */
  resume(): Promise<void>;
  /** Resolves when everything begun so far is stored. */
  idle(): Promise<void>;
  /** Removes all there is; resolves with how much of what people count there was. */
  reset(): Promise<number>;
}

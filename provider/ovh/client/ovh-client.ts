import { inspect } from "node:util";
import * as v from "valibot";
import { Api, type RequestOptions } from "../../http/api";
import type { Authorization } from "../../http/authorization";
import { type Clock, systemClock } from "../../http/clock";
import { decoder } from "../../http/decode";
import { HttpClient } from "../../http/http-client";
import type { HttpHeaders, HttpResponse, HttpTransport, RetryClass } from "../../http/http-message";
import type { RetryBudget } from "../../http/retry";
import { USER_AGENT } from "../../version";
import { noConsumerKey, type OvhSources, resolveConfiguration, type WithApplication } from "./configuration";
import { ovhDialect, type Proof } from "./dialect";
import { type PathOn, pathOn } from "./endpoints";
import { OvhConfigError } from "./errors";
import type { AccessRule, OvhMethod } from "./rules";
import { ServerClock } from "./server-clock";
import type { SigningKeys } from "./signature";
import { signed } from "./signed";
import { Tokens } from "./token";
import type { ConsumerKeyRequest } from "./types";

/** All optional: what is not given is looked up in the environment and `ovh.conf`. The object is not changed. */
export interface OvhClientOptions extends OvhSources {
  /** Total time of one call in milliseconds, retries included. Default: 60,000. */
  timeout?: number;
  /** What may be spent on retries. Default: one budget for the whole process. */
  retryBudget?: RetryBudget;
  /** For tests: the time that signatures, deadlines and pauses go by. Default: the system's. */
  clock?: Clock;
  /** For tests: numbers from 0 up to 1, which spread retries. Default: `Math.random`. */
  random?: () => number;
  /** For tests: what carries each request and its answer. Default: HTTP by axios. */
  transport?: HttpTransport;
}

/** What is undefined is left out, null is sent as `null`. */
export type OvhQuery = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface OvhCallOptions extends RequestOptions {
  /** Put behind what the path has of a query itself. */
  query?: OvhQuery;
  headers?: HttpHeaders;
  /** False: the call is not signed. */
  auth?: boolean;
  /**
   * Whether it may be sent again after a failure. Default: GET, PUT and DELETE may, POST only when the server has
   * certainly done nothing.
   */
  retry?: RetryClass;
  /** Texts of this call that no error may show: a server may quote what it was sent. */
  secrets?: readonly string[];
}

export interface OvhBodyOptions extends OvhCallOptions {
  /** Sent as JSON; undefined: no body. */
  body?: unknown;
}

/**
 * OVH's API: any path of it, signed.
 *
 * @example
 * const ovh = new OvhClient({ endpoint: "ovh-eu" });
 * const { firstname } = await ovh.get<{ firstname: string }>("/me");
 *
 * @throws {OvhConfigError} when no endpoint or no application is found.
 */
export class OvhClient {
  /** Its address, `https://eu.api.ovh.com/1.0`. */
  readonly endpoint: string;
  /** `ovh-eu`, or the address of one that has no name. */
  readonly endpointName: string;
  readonly #paths: PathOn;
  readonly #keys: Keys | undefined;
  readonly #signed: Api;
  readonly #unsigned: Api;

  constructor(options: OvhClientOptions = {}) {
    const { timeout, retryBudget, clock = systemClock, random, transport } = options;
    const found = resolveConfiguration(options);
    const { address, name } = found.endpoint;
    this.endpoint = address;
    this.endpointName = name;
    this.#paths = pathOn(address);
    this.#keys = "application" in found ? new Keys(found) : undefined;

    const application = this.#keys && { "X-Ovh-Application": this.#keys.application };
    const headers = { "User-Agent": USER_AGENT, ...application };
    const http = { headers, timeout, retryBudget, clock, random, transport };
    const tokens = "oauth2" in found ? new Tokens(found.oauth2, http) : undefined;
    const secrets = () => [...(this.#keys?.secrets ?? []), ...(tokens?.secrets ?? [])];
    const api = (proof: Proof, authorization?: Authorization) =>
      new Api(
        new HttpClient({ ...http, baseUrl: this.#paths.base, authorization }),
        ovhDialect({ proof, shown: this.#paths.shown, secrets }),
      );
    this.#unsigned = api("none");
    const serverClock = new ServerClock(clock, () => this.#time());
    this.#signed = this.#keys ? api("key", signed(this.#keys, serverClock)) : api("token", tokens);
  }

  get<T = unknown>(path: string, options?: OvhCallOptions): Promise<T> {
    return this.call<T>("GET", path, options);
  }

  /** The body is sent as JSON; without one nothing is. */
  post<T = unknown>(path: string, body?: unknown, options?: OvhCallOptions): Promise<T> {
    return this.call<T>("POST", path, { ...options, body });
  }

  put<T = unknown>(path: string, body?: unknown, options?: OvhCallOptions): Promise<T> {
    return this.call<T>("PUT", path, { ...options, body });
  }

  /** OVH takes no body with it: what it needs is in the query. */
  delete<T = unknown>(path: string, options?: OvhCallOptions): Promise<T> {
    return this.call<T>("DELETE", path, options);
  }

  /**
   * The JSON of the answer, null where there is none.
   * @throws {OvhApiError} for any answer that is no success.
   */
  async call<T = unknown>(method: OvhMethod, path: string, options: OvhBodyOptions = {}): Promise<T> {
    const { api, onServer, doing, rest } = this.#request(method, path, options);
    return api.call(method, onServer, body => body as T, doing, rest);
  }

  /** The answer as it came, of any status: its text and its headers, those in lower case. */
  async raw(method: OvhMethod, path: string, options: OvhBodyOptions = {}): Promise<HttpResponse> {
    const { api, onServer, doing, rest } = this.#request(method, path, options);
    return api.raw(method, onServer, doing, rest);
  }

  /**
   * A new consumer key, with which this client signs from now on. It is good for nothing before the account's owner
   * has been at `validationUrl` and said yes.
   */
  async requestConsumerKey(
    accessRules: readonly AccessRule[],
    { redirection, allowedIps, signal }: ConsumerKeyOptions = {},
  ): Promise<ConsumerKeyRequest> {
    const keys = this.#keys;
    if (!keys)
      throw new OvhConfigError(
        "An OAuth2 client has no consumer keys: what it may do is in its policies (IAM).",
      );
    const body = {
      accessRules,
      ...(redirection !== undefined && { redirection }),
      ...(allowedIps !== undefined && { allowedIPs: allowedIps }),
    };
    const path = this.#paths.of("/auth/credential");
    const request = await this.#unsigned.post(path, asKeyRequest, "Requesting a consumer key", {
      body,
      signal,
    });
    keys.use(request.consumerKey);
    return quiet(request);
  }

  #request(method: OvhMethod, path: string, { query = {}, auth = true, ...options }: OvhBodyOptions) {
    const asked = checked(path);
    if (options.body !== undefined && (method === "GET" || method === "DELETE"))
      throw new TypeError(
        `${method} ${asked} has a body, which OVH refuses: put what it says into the query.`,
      );
    const values = Object.entries(query).map(([name, value]) => [name, value === null ? "null" : value]);
    return {
      api: auth ? this.#signed : this.#unsigned,
      onServer: this.#paths.of(path),
      doing: `${method} ${asked}`,
      rest: { ...options, query: Object.fromEntries(values) },
    };
  }

  #time(): Promise<number> {
    return this.#unsigned.get(
      this.#paths.of("/auth/time"),
      asTime,
      "Asking for the time, by which calls are signed,",
    );
  }
}

export interface ConsumerKeyOptions extends RequestOptions {
  /** Where the browser goes after the validation. */
  redirection?: string;
  /** Networks that the key may be used from: `192.0.2.0/24`. Default: all. */
  allowedIps?: readonly string[];
}

/** What requests are signed with, and what no message may show. */
class Keys implements SigningKeys {
  readonly application: string;
  readonly applicationSecret: string;
  readonly #missing: () => OvhConfigError;
  readonly #consumerKeys: string[] = [];

  constructor({ endpoint, application, consumerKey, places }: WithApplication) {
    this.application = application.key;
    this.applicationSecret = application.secret;
    this.#missing = () => noConsumerKey(endpoint, places);
    if (consumerKey) this.use(consumerKey.value);
  }

  get consumerKey(): string {
    const [newest] = this.#consumerKeys;
    if (newest === undefined) throw this.#missing();
    return newest;
  }

  get secrets(): readonly string[] {
    return [this.applicationSecret, ...this.#consumerKeys];
  }

  use(consumerKey: string): void {
    this.#consumerKeys.unshift(consumerKey);
  }
}

const asTime = decoder<number>(v.pipe(v.number(), v.integer()), "no time");
const asKeyRequest = decoder<ConsumerKeyRequest>(
  v.object({
    consumerKey: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)),
    validationUrl: v.pipe(v.string(), v.url()),
    state: v.string(),
  }),
  "no consumer key",
);

/** Shown, it has no key: it is printed where people look for the address. */
function quiet(request: ConsumerKeyRequest): ConsumerKeyRequest {
  return Object.defineProperty({ ...request }, inspect.custom, {
    value: () => ({ ...request, consumerKey: "***" }),
  });
}

/** What an address would make something else of, so that another path were asked for than the one that is read. */
const MISREAD = /[\\#\p{Cc}]|\/(\.|%2e){1,2}(?=[/?]|$)/iu;

/** The path without its query, as messages have it. */
function checked(path: string): string {
  const [asked = ""] = path.split("?");
  if (path.startsWith("/") && !MISREAD.test(path)) return asked;
  throw new TypeError(
    `${JSON.stringify(asked)} is no path of the API: one begins with a slash, as /me does, and its parts are encoded (encodeURIComponent).`,
  );
}

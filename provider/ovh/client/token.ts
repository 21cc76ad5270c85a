/** OAuth2 with client credentials (RFC 6749, 4.4): one token for all calls, until it expires or is refused. */
import * as v from "valibot";
import { Api, type Dialect } from "../../http/api";
import type { Authorization } from "../../http/authorization";
import type { Clock } from "../../http/clock";
import { decoder } from "../../http/decode";
import { HttpClient, type HttpClientOptions } from "../../http/http-client";
import type { HttpHeaders, HttpResponse } from "../../http/http-message";
import { ovhDialect } from "./dialect";
import { OvhApiError } from "./errors";

export interface OAuth2Client {
  id: string;
  secret: string;
  /** Where tokens come from. */
  tokenAddress: string;
}

interface Answer {
  access_token: string;
  /** In seconds. */
  expires_in: number;
}

interface Token {
  text: string;
  /** In the clock's time. */
  until: number;
}

/** So long before it expires, in milliseconds, a token is not used any more: a request takes its time. */
const MARGIN = 10_000;

const asAnswer = decoder<Answer>(
  v.object({
    access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)),
    expires_in: v.optional(v.number(), 0),
  }),
  "no token",
);

export class Tokens implements Authorization {
  readonly #basic: string;
  readonly #clock: Clock;
  readonly #ask: () => Promise<Answer>;
  #token: Promise<Token> | undefined;
  #secrets: string[];

  constructor(
    { id, secret, tokenAddress }: OAuth2Client,
    http: Omit<HttpClientOptions, "baseUrl"> & { clock: Clock },
  ) {
    this.#clock = http.clock;
    const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
    this.#basic = Buffer.from(pair).toString("base64");
    this.#secrets = [secret, this.#basic];
    const { origin, pathname } = new URL(tokenAddress);
    const api = new Api(
      new HttpClient({ ...http, baseUrl: `${origin}/` }),
      tokenDialect(() => this.#secrets),
    );
    const request = {
      form: { grant_type: "client_credentials", scope: "all" },
      headers: { Authorization: `Basic ${this.#basic}` },
      // A token that nobody received is of no use, and does no harm.
      retry: "safe",
    } as const;
    this.#ask = () => api.post(pathname.slice(1), asAnswer, "Asking for a token", request);
  }

  /** What no message may show. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  async authorize(): Promise<HttpHeaders> {
    return { Authorization: bearer(await this.#current()) };
  }

  async renew({ status }: HttpResponse, _signal: AbortSignal, headers: HttpHeaders): Promise<boolean> {
    if (status !== 401) return false;
    const token = this.#token;
    const isCurrent = token !== undefined && bearer(await token) === headers.Authorization;
    if (isCurrent && this.#token === token) this.#token = undefined;
    return true;
  }

  async #current(): Promise<Token> {
    const had = this.#token;
    const token = await had;
    if (token && this.#clock.now() < token.until) return token;
    // While it was waited for, another may have seen that it has expired.
    return this.#token === had || this.#token === undefined ? this.#renewed() : this.#token;
  }

  #renewed(): Promise<Token> {
    const renewed = this.#ask().then(({ access_token, expires_in }) => {
      this.#secrets = [...this.#secrets.slice(0, 2), access_token, ...this.#secrets.slice(2, 3)];
      return { text: access_token, until: this.#clock.now() + expires_in * 1000 - MARGIN };
    });
    this.#token = renewed;
    renewed.catch(() => {
      if (this.#token === renewed) this.#token = undefined;
    });
    return renewed;
  }
}

function bearer({ text }: Token): string {
  return `Bearer ${text}`;
}

function tokenDialect(secrets: () => readonly string[]): Dialect {
  const dialect = ovhDialect({ proof: "none", shown: path => `/${path}`, secrets });
  const isRefusal = (status: number | undefined) => status === 400 || status === 401 || status === 403;
  return {
    ...dialect,
    name: "where OVH's tokens come from",
    errorOf: (details, body) =>
      isRefusal(details.status)
        ? new OvhApiError({ ...details, path: `/${details.path}`, kind: "unauthenticated" })
        : dialect.errorOf(details, body),
    refusal: ({ status, text }, body) =>
      isRefusal(status)
        ? `the id or the secret of the OAuth2 client is not accepted (status ${status}: ${dialect.serverMessage(body, text)}).`
        : undefined,
  };
}

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { type AxiosInstance, isAxiosError } from "axios";
import { bulkhead } from "cockatiel";
import { HttpFailure, type HttpRequest, type HttpResponse } from "./http-message";
import { type RetryBudget, withRetries } from "./retry";

export interface HttpClientOptions {
  /** Absolute, with a trailing slash; every path is relative to it. */
  baseUrl: string;
  /** Sent with every request; never part of an error. */
  headers: Record<string, string>;
  /** Total time of one call in milliseconds, retries included. Default: 60,000. */
  timeout?: number;
  /** Largest answer accepted, in bytes. Default: 10 MB. */
  maxResponseBytes?: number;
  /** Requests under way at once; others wait. Default: 32. */
  concurrency?: number;
  /** Default: one for the whole process. */
  retryBudget?: RetryBudget;
}

/** The one place that uses axios: total deadlines, no redirects, bounded answers, any status is an answer. */
export class HttpClient {
  readonly baseUrl: string;
  readonly #axios: AxiosInstance;
  readonly #timeout: number;
  readonly #slots;
  readonly #budget: RetryBudget | undefined;

  constructor(options: HttpClientOptions) {
    this.baseUrl = options.baseUrl;
    this.#timeout = options.timeout ?? 60_000;
    this.#slots = bulkhead(options.concurrency ?? 32, Number.POSITIVE_INFINITY);
    this.#budget = options.retryBudget;
    this.#axios = axios.create({
      headers: { common: { Accept: "application/json", ...options.headers } },
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true }),
      // A redirect would turn a POST into a GET, or carry bodies with secrets to another host.
      maxRedirects: 0,
      maxContentLength: options.maxResponseBytes ?? 10_000_000,
      responseType: "text",
      transformResponse: data => data,
      validateStatus: () => true,
      // The key never goes to a proxy for a server on this machine.
      ...(isLoopback(new URL(options.baseUrl).hostname) ? { proxy: false as const } : {}),
    });
  }

  /** Throws `HttpFailure` when no complete answer came, and the signal's reason when that was aborted. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    // axios' own timeout is of idleness: a dripping body would run for ever.
    const late = AbortSignal.timeout(this.#timeout);
    const signal = request.signal ? AbortSignal.any([request.signal, late]) : late;
    return withRetries(() => this.#slots.execute(() => this.#attempt(request, signal, late)), {
      class: request.retry,
      deadline: performance.now() + this.#timeout,
      signal,
      budget: this.#budget,
    });
  }

  async #attempt(request: HttpRequest, signal: AbortSignal, late: AbortSignal): Promise<HttpResponse> {
    // A server may close an idle connection just as the request leaves, and nobody knows whether it was read.
    const fresh = request.retry === "ambiguous" && {
      httpAgent: new HttpAgent(),
      httpsAgent: new HttpsAgent(),
    };
    try {
      const { status, data, headers } = await this.#axios.request<string>({
        method: request.method,
        url: this.baseUrl + request.path,
        params: request.query,
        data: request.body,
        headers: request.headers,
        signal,
        ...fresh,
      });
      const retryAfter = headers["retry-after"] as unknown;
      return { status, text: data ?? "", ...(typeof retryAfter === "string" && { retryAfter }) };
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      throw this.#failure(error, late.aborted);
    }
  }

  /** An AxiosError shows the key in `config` and `request`, so it never leaves this class, also not as a cause. */
  #failure(error: unknown, late: boolean): HttpFailure {
    const code = isAxiosError(error) ? (error.code ?? "") : "";
    if (late) return new HttpFailure(`no complete answer within ${this.#timeout / 1000} s`, true);
    if (code in NOT_SENT) return new HttpFailure(`${NOT_SENT[code]} (${code})`, false);
    if (/CERT|TLS|SSL/.test(code))
      return new HttpFailure(`the TLS certificate is not accepted (${code})`, false);
    const what = isAxiosError(error) ? error.message : "the request could not be made";
    return new HttpFailure(code && !what.includes(code) ? `${what} (${code})` : what, true);
  }
}

const NOT_SENT: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "host not found",
  EAI_AGAIN: "host not found",
  EHOSTUNREACH: "host not reachable",
  ENETUNREACH: "network not reachable",
};

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { type AxiosInstance, isAxiosError } from "axios";

export interface HttpClientOptions {
  /** Absolute, with a trailing slash; every path is relative to it. */
  baseUrl: string;
  /** Sent with every request; never part of an error. */
  headers: Record<string, string>;
  /** Total time of one request, from connecting to the last byte, in milliseconds. Default: 60,000. */
  timeout?: number;
  /** Largest answer accepted, in bytes. Default: 10 MB. */
  maxResponseBytes?: number;
}

export interface HttpRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Relative to the base URL, without a leading slash. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** Sends on a connection of its own. An idle one may be closed by the server just as the request leaves. */
  freshConnection?: boolean;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  text: string;
}

/**
 * No complete answer came. `sent` tells whether the server can have acted: false only when no connection was made.
 * Holds nothing of the request but what is in the message, so that it can be logged.
 */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";

  constructor(
    message: string,
    readonly sent: boolean,
  ) {
    super(message);
  }
}

/** The one place that uses axios: total deadlines, no redirects, bounded answers, any status is an answer. */
export class HttpClient {
  readonly baseUrl: string;
  readonly #axios: AxiosInstance;
  readonly #timeout: number;

  constructor(options: HttpClientOptions) {
    this.baseUrl = options.baseUrl;
    this.#timeout = options.timeout ?? 60_000;
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

  async send(request: HttpRequest): Promise<HttpResponse> {
    // axios' own timeout is of idleness: a dripping body would run for ever.
    const deadline = AbortSignal.timeout(this.#timeout);
    try {
      const { status, data } = await this.#axios.request<string>({
        method: request.method,
        url: this.baseUrl + request.path,
        params: request.query,
        data: request.body,
        signal: request.signal ? AbortSignal.any([request.signal, deadline]) : deadline,
        ...(request.freshConnection ? { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent() } : {}),
      });
      return { status, text: data ?? "" };
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      throw this.#failure(error, deadline.aborted);
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

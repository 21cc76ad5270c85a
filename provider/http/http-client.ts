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
    let sent = false;
    const attempt = () => {
      signal.throwIfAborted();
      sent = true;
      return this.#attempt(request, signal);
    };
    const work = withRetries(() => this.#slots.execute(attempt), {
      class: request.retry,
      deadline: performance.now() + this.#timeout,
      signal,
      budget: this.#budget,
    });
    // Waiting for a slot or for the next attempt ends with the signal, too.
    return abortable(work, signal, () =>
      request.signal?.aborted
        ? request.signal.reason
        : new HttpFailure(`no complete answer within ${this.#timeout / 1000} s`, sent),
    );
  }

  async #attempt(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
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
      throw failure(error);
    }
  }
}

/** An AxiosError shows the key in `config` and `request`, so it never leaves this module, also not as a cause. */
function failure(error: unknown): HttpFailure {
  const code = isAxiosError(error) ? (error.code ?? "") : "";
  if (code in NOT_SENT) return new HttpFailure(`${NOT_SENT[code]} (${code})`, false);
  if (CERTIFICATE.test(code))
    return new HttpFailure(`the TLS certificate is not accepted (${code})`, false, true);
  const what = isAxiosError(error) ? error.message : "the request could not be made";
  return new HttpFailure(code && !what.includes(code) ? `${what} (${code})` : what, true);
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal, reason: () => unknown): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(reason());
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
    work.catch(() => undefined);
  }
}

const NOT_SENT: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "host not found",
  EAI_AGAIN: "host not found",
  EHOSTUNREACH: "host not reachable",
  ENETUNREACH: "network not reachable",
};

/** What Node says of a certificate in the handshake, before anything is sent. */
const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|ERR_TLS_CERT_)/;

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

import { bulkhead } from "cockatiel";
import { type Authorization, authorized } from "./authorization";
import { type Clock, systemClock, withDeadline } from "./clock";
import {
  HttpFailure,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
} from "./http-message";
import { type RetryBudget, withRetries } from "./retry";
import { sentRequest } from "./sent-request";

export interface HttpClientOptions {
  /** Absolute, with a trailing slash; every path is relative to it. */
  baseUrl: string;
  /** Sent with every request; never part of an error. */
  headers: HttpHeaders;
  /** What else each attempt carries to prove who sends it. Default: nothing. */
  authorization?: Authorization;
  /** Total time of one call in milliseconds, retries included. Default: 60,000. */
  timeout?: number;
  /** Requests under way at once; others wait. Default: 32. */
  concurrency?: number;
  /** Default: one for the whole process. */
  retryBudget?: RetryBudget;
  /** What carries the requests. Default: axios. */
  transport?: HttpTransport;
  /** What deadlines and pauses go by. Default: the system's. */
  clock?: Clock;
  /** From 0 up to 1: spreads retries. Default: `Math.random`. */
  random?: () => number;
}

/** Requests with a total deadline, so many at a time, and sent again when that is safe. */
export class HttpClient {
  readonly baseUrl: string;
  readonly #headers: HttpHeaders;
  readonly #authorization: Authorization | undefined;
  readonly #timeout: number;
  readonly #slots;
  readonly #budget: RetryBudget | undefined;
  readonly #transport: HttpTransport;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(options: HttpClientOptions) {
    this.baseUrl = options.baseUrl;
    this.#headers = { Accept: "application/json", ...options.headers };
    this.#authorization = options.authorization;
    this.#timeout = options.timeout ?? 60_000;
    this.#slots = bulkhead(options.concurrency ?? 32, Number.POSITIVE_INFINITY);
    this.#budget = options.retryBudget;
    this.#transport = options.transport ?? axiosWhenNeeded(options);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** Throws `HttpFailure` when no complete answer came, and the signal's reason when that was aborted. */
  send(request: HttpRequest): Promise<HttpResponse> {
    // A transport's own time-out is at best one of idleness: a dripping body would run for ever.
    return withDeadline(this.#clock, this.#timeout, late => this.#send(request, late));
  }

  async #send(request: HttpRequest, late: AbortSignal): Promise<HttpResponse> {
    const signal = request.signal ? AbortSignal.any([request.signal, late]) : late;
    const message = sentRequest(this.baseUrl, request, this.#headers);
    let sent = false;
    const transport: HttpTransport = (...message) => {
      sent = true;
      return this.#transport(...message);
    };
    const carry = this.#authorization ? authorized(transport, this.#authorization) : transport;
    const attempt = () => {
      signal.throwIfAborted();
      return carry(message, signal);
    };
    const work = withRetries(() => this.#slots.execute(attempt), {
      retry: request.retry,
      deadline: this.#clock.now() + this.#timeout,
      signal,
      clock: this.#clock,
      random: this.#random,
      budget: this.#budget,
    });
    // Waiting for a slot or for the next attempt ends with the signal, too.
    return abortable(work, signal, () =>
      request.signal?.aborted
        ? request.signal.reason
        : new HttpFailure(`no complete answer within ${this.#timeout / 1000} s`, sent),
    );
  }
}

/** Loading axios takes longer than all else together, and most runs of a provider change nothing and ask nothing. */
function axiosWhenNeeded(options: HttpClientOptions): HttpTransport {
  let transport: HttpTransport | undefined;
  return (request, signal) => {
    const load = () => require("./axios-transport") as typeof import("./axios-transport");
    transport ??= load().axiosTransport(options);
    return transport(request, signal);
  };
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal, reason: () => unknown): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    throw signal.aborted ? reason() : error;
  } finally {
    signal.removeEventListener("abort", stop);
    work.catch(() => undefined);
  }
}

/** What goes to a server and what comes back, without the library that carries it. */
import type { RetryClass } from "./retry";

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Relative to the base URL, without a leading slash. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  /** Whether and when it may be sent again. */
  retry: RetryClass;
  signal?: AbortSignal;
}

/** An answer of any status. */
export interface HttpResponse {
  status: number;
  text: string;
  /** The header `Retry-After`. */
  retryAfter?: string;
  /** The headers in which servers tell of the next page, `link` and `x-next-page`, as far as they came. */
  paging?: Readonly<Record<string, string>>;
}

/**
 * Carries a request to the server once, and its answer back: a port, so that servers and networks can be simulated.
 * Throws `HttpFailure` when no complete answer came, also when the signal was aborted.
 */
export type HttpTransport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/**
 * No complete answer came. `sent` tells whether the server can have acted: false only when no connection was made.
 * Holds nothing of the request but what is in the message, so that it can be logged.
 */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";

  constructor(
    message: string,
    readonly sent: boolean,
    /** It would fail again: a certificate that is not accepted. */
    readonly permanent = false,
    /** Whose failure it is, when it is that of a proxy on the way. */
    readonly proxy?: string,
  ) {
    super(message);
  }
}

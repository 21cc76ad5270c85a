/** What goes to a server and what comes back, without the library that carries it. */

/**
 * Whether and when a request may be sent again. `safe`: changes nothing. `idempotent`: the same twice is the same once
 * (PATCH of a value, DELETE). `ambiguous`: twice is not once, so it is only repeated when the server certainly did
 * nothing.
 */
export type RetryClass = "safe" | "idempotent" | "ambiguous";

export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What is asked of a server. */
export interface HttpRequest {
  method: HttpMethod;
  /** Relative to the base URL, without a leading slash, encoded as a URL has it. */
  path: string;
  query?: Query;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as a form, instead of JSON. */
  form?: Query;
  headers?: HttpHeaders;
  retry: RetryClass;
  signal?: AbortSignal;
}

/** What is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Values by name. Those of a response have names in lower case. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** A request as it is sent, byte for byte: a signature of it holds. */
export interface SentRequest {
  method: HttpMethod;
  /** Absolute, with the query, in the form in which it goes over the wire. */
  url: string;
  body?: string;
  headers: HttpHeaders;
  retry: RetryClass;
}

/** An answer of any status. */
export interface HttpResponse {
  status: number;
  text: string;
  /** Those that came once. Default: none. */
  headers?: HttpHeaders;
}

/**
 * Carries a request to the server once, and its response back: a port, so that servers and networks can be simulated.
 * Throws `HttpFailure` when no complete response came, also when the signal was aborted.
 */
export type HttpTransport = (request: SentRequest, signal: AbortSignal) => Promise<HttpResponse>;

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

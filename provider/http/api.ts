/** How the nouns of any API ask: one call, a decoded response of a 2xx status, anything else an `ApiError`. */
import type { ApiError, ApiErrorDetails } from "./api-error";
import { type Decoder, UnexpectedResponse } from "./decode";
import type { HttpClient } from "./http-client";
import { HttpFailure, type HttpMethod, type HttpRequest, type HttpResponse } from "./http-message";
import { jsonOf } from "./json";
import { printable } from "./printable";
import { redact, redactWithin } from "./redact";

export interface RequestOptions {
  /** Aborts the call; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What of a request is neither its method nor its path. */
export type CallOptions = RequestOptions &
  Pick<HttpRequest, "query" | "body" | "form" | "headers"> &
  Partial<Pick<HttpRequest, "retry">> & {
    /** Texts of this request that no error may show: a server may quote what it was sent. */
    secrets?: readonly string[];
  };

interface Call {
  request: HttpRequest;
  /** `Reading application …`. */
  doing: string;
  secrets: readonly string[];
}

/** What one API says in its own way. */
export interface Dialect {
  /** `a Tutum API`. */
  name: string;
  /** The API's own error; `body` is the JSON of a response that is an error. */
  errorOf(details: ApiErrorDetails, body?: unknown): ApiError;
  /** What a refusal means, as a sentence, where there are better words than status and message. */
  refusal?(response: HttpResponse, body: unknown, request: HttpRequest): string | undefined;
  /** The words in the body of an error; `text` is the body as it came, which may be no JSON. */
  serverMessage(body: unknown, text: string): string;
  /** The response header with the server's id of the request, in lower case. */
  requestIdHeader?: string;
  /** A sentence after every message: what to do about this address. */
  hint?: string;
  /** What a response without text stands for. Default: an empty object. */
  empty?: null;
  /** Texts that no error may show, as they are now: a token may have been renewed. */
  secrets?(): readonly string[];
}

/** Unless a call says otherwise. */
const RETRY: Record<HttpMethod, HttpRequest["retry"]> = {
  GET: "safe",
  PUT: "idempotent",
  PATCH: "idempotent",
  DELETE: "idempotent",
  POST: "ambiguous",
};

export class Api {
  readonly #http: HttpClient;
  readonly #dialect: Dialect;

  constructor(http: HttpClient, dialect: Dialect) {
    this.#http = http;
    this.#dialect = dialect;
  }

  /** `doing` begins the message of an error: `Reading application …`. */
  get<T>(path: string, decode: Decoder<T>, doing: string, options?: CallOptions): Promise<T> {
    return this.call("GET", path, decode, doing, options);
  }

  post<T>(path: string, decode: Decoder<T>, doing: string, options?: CallOptions): Promise<T> {
    return this.call("POST", path, decode, doing, options);
  }

  put<T>(path: string, decode: Decoder<T>, doing: string, options?: CallOptions): Promise<T> {
    return this.call("PUT", path, decode, doing, options);
  }

  patch<T>(path: string, decode: Decoder<T>, doing: string, options?: CallOptions): Promise<T> {
    return this.call("PATCH", path, decode, doing, options);
  }

  delete<T>(path: string, decode: Decoder<T>, doing: string, options?: CallOptions): Promise<T> {
    return this.call("DELETE", path, decode, doing, options);
  }

  async call<T>(
    method: HttpMethod,
    path: string,
    decode: Decoder<T>,
    doing: string,
    { secrets = [], ...options }: CallOptions = {},
  ): Promise<T> {
    const call: Call = { request: { retry: RETRY[method], ...options, method, path }, doing, secrets };
    const response = await this.#send(call);
    const { status, text } = response;
    const { empty = {} } = this.#dialect;
    const body = text === "" ? empty : jsonOf(text);
    if (status < 200 || status > 299) throw this.#refused(call, response, body);
    try {
      if (body === undefined) throw new UnexpectedResponse(`status ${status} came without JSON`);
      return decode(body);
    } catch (error) {
      throw error instanceof UnexpectedResponse ? this.#unexpected(call, response, error) : error;
    }
  }

  /** The response as it came, of any status. */
  raw(
    method: HttpMethod,
    path: string,
    doing: string,
    { secrets = [], ...options }: CallOptions = {},
  ): Promise<HttpResponse> {
    return this.#send({ request: { retry: RETRY[method], ...options, method, path }, doing, secrets });
  }

  async #send(call: Call): Promise<HttpResponse> {
    try {
      return await this.#http.send(call.request);
    } catch (error) {
      throw error instanceof HttpFailure ? this.#unanswered(call, error) : error;
    }
  }

  #refused(call: Call, told: HttpResponse, toldBody: unknown): ApiError {
    const { request } = call;
    // First of all: what is made of the words, or cut off, would hide from it what is a secret.
    const secrets = this.#secretsOf(call);
    const response = { ...told, text: redact(told.text, secrets) };
    const body = redactWithin(toldBody, secrets);
    const { status, text } = response;
    const words = redact(printable(this.#dialect.serverMessage(body, text)), secrets);
    const problem =
      this.#dialect.refusal?.(response, body, request) ??
      (status >= 300 && status < 400
        ? `${this.#where(request)} answered with a redirect (status ${status}), which is not followed. Set the endpoint to where the API really is.`
        : `the server answered status ${status}${words ? `: ${words}` : ""} (${this.#where(request)}).`);
    const ambiguous = request.retry !== "safe" && (status < 400 || status >= 500);
    const details = { ...this.#told(call, response), serverMessage: words, ambiguous };
    return this.#error(call, problem, details, body);
  }

  #unanswered(call: Call, failure: HttpFailure): ApiError {
    const { request } = call;
    const problem = failure.sent
      ? `${failure.message} (${this.#where(request)}).`
      : `cannot reach ${this.#http.baseUrl}: ${failure.message}. ${
          failure.proxy === undefined
            ? "Is the server running there?"
            : "Check HTTPS_PROXY and HTTP_PROXY, or name the server in NO_PROXY."
        }`;
    return this.#error(call, problem, { ambiguous: failure.sent && request.retry !== "safe" });
  }

  #unexpected(call: Call, response: HttpResponse, { message }: UnexpectedResponse): ApiError {
    const { request } = call;
    const problem = `${message} (${this.#where(request)}). Is this address ${this.#dialect.name}?`;
    return this.#error(call, problem, {
      ...this.#told(call, response),
      ambiguous: request.retry !== "safe",
    });
  }

  #error(
    call: Call,
    problem: string,
    details: Omit<ApiErrorDetails, "message" | "method" | "path">,
    body?: unknown,
  ): ApiError {
    const { doing, request } = call;
    const { method, path } = request;
    const { errorOf, hint } = this.#dialect;
    const id = details.requestId === undefined ? "" : ` Request id: ${details.requestId}.`;
    const message = `${doing} failed: ${problem}${id}${hint === undefined ? "" : ` ${hint}`}`;
    const [shown, where] = [printable(message), path].map(text => redact(text, this.#secretsOf(call))) as [
      string,
      string,
    ];
    return errorOf({ ...details, message: shown, method, path: where }, body);
  }

  #told(call: Call, { status, headers = {} }: HttpResponse): Pick<ApiErrorDetails, "status" | "requestId"> {
    const { requestIdHeader } = this.#dialect;
    const id = requestIdHeader === undefined ? undefined : headers[requestIdHeader];
    return {
      status,
      ...(id !== undefined && { requestId: printable(redact(id, this.#secretsOf(call))).slice(0, 100) }),
    };
  }

  #where({ method, path }: HttpRequest): string {
    return `${method} ${this.#http.baseUrl}${path}`;
  }

  #secretsOf({ secrets }: Call): readonly string[] {
    return [...(this.#dialect.secrets?.() ?? []), ...secrets];
  }
}

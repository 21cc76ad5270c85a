import type { HttpClient } from "../../http/http-client";
import { HttpFailure, type HttpRequest } from "../../http/http-message";
import { type Decoder, SenselessAnswer } from "./decode";
import { serverMessage, TutumApiError, TutumAuthError } from "./errors";
import { masked } from "./masked";

export interface RequestOptions {
  /** Aborts the call; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** How the client's nouns ask: one call, a decoded answer of a 2xx status, anything else a `TutumApiError`. */
export class Transport {
  constructor(
    private readonly http: HttpClient,
    /** Texts that no message may show. */
    private readonly secrets: string[] = [],
    /** The credentials in words: whose they are, where they are from. */
    private readonly whose = "these credentials",
  ) {}

  /** `action` begins the message of an error: `Starting application …`. */
  async call<T>(request: HttpRequest, decode: Decoder<T>, action: string): Promise<T> {
    let status = 0;
    try {
      const response = await this.http.send(request);
      status = response.status;
      const body = parse(response.text);
      if (status < 200 || status > 299) throw this.#refused(request, action, status, body);
      if (body === undefined) throw new SenselessAnswer(`status ${status} came without JSON`);
      return decode(body);
    } catch (error) {
      if (error instanceof HttpFailure) throw this.#unanswered(request, action, error);
      if (error instanceof SenselessAnswer) throw this.#senseless(request, action, status, error);
      throw error;
    }
  }

  #refused(request: HttpRequest, action: string, status: number, body: unknown): TutumApiError {
    const words = masked(serverMessage(body), this.secrets);
    const details = {
      ...at(request),
      status,
      serverMessage: words,
      ambiguous: request.retry !== "safe" && (status < 400 || status >= 500),
    };
    if (status === 401) {
      const who = `${this.http.baseUrl} does not accept ${this.whose} (status 401)`;
      return new TutumAuthError({
        ...details,
        message: `${action} failed: ${who}. Check the user and the API key.${this.#retired()}`,
      });
    }
    const problem =
      status >= 300 && status < 400
        ? `${this.#where(request)} answered with a redirect (status ${status}), which is not followed. Set the endpoint to where the API really is.`
        : `the server answered status ${status}${words ? `: ${words}` : ""} (${this.#where(request)}).`;
    return new TutumApiError({ ...details, message: `${action} failed: ${problem}${this.#retired()}` });
  }

  #unanswered(request: HttpRequest, action: string, failure: HttpFailure): TutumApiError {
    const problem = failure.sent
      ? `${failure.message} (${this.#where(request)}).`
      : `cannot reach ${this.http.baseUrl}: ${failure.message}. ${
          failure.proxy === undefined
            ? "Is the server running there?"
            : "Check HTTPS_PROXY and HTTP_PROXY, or name the server in NO_PROXY."
        }`;
    const message = `${action} failed: ${problem}${this.#retired()}`;
    return new TutumApiError({
      ...at(request),
      message,
      ambiguous: failure.sent && request.retry !== "safe",
    });
  }

  #senseless(
    request: HttpRequest,
    action: string,
    status: number,
    { message }: SenselessAnswer,
  ): TutumApiError {
    const full = `${action} failed: ${message} (${this.#where(request)}). Is this address a Tutum API?${this.#retired()}`;
    return new TutumApiError({ ...at(request), message: full, status, ambiguous: request.retry !== "safe" });
  }

  #where(request: HttpRequest): string {
    return `${request.method} ${this.http.baseUrl}${request.path}`;
  }

  /** Whoever answers at the retired service's address, it is not Tutum. */
  #retired(): string {
    return /(^|\.)tutum\.co$/.test(new URL(this.http.baseUrl).hostname)
      ? " The hosted Tutum service is gone: run a server of your own with `npx --no-install tutum-server`."
      : "";
  }
}

function at(request: HttpRequest): { method: string; path: string } {
  return { method: request.method, path: request.path };
}

/** Undefined when the text is not JSON; an empty text is an empty object. */
function parse(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

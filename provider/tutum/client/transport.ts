import type { HttpClient } from "../../http/http-client";
import { HttpFailure, type HttpRequest } from "../../http/http-message";
import { type Decoder, SenselessAnswer } from "./decode";
import { serverMessage, TutumApiError } from "./errors";
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
    const said = words ? `: ${words}` : "";
    const message =
      status === 401
        ? `${action} failed: ${this.http.baseUrl} does not accept these credentials (status 401). Check the user and the API key.`
        : status >= 300 && status < 400
          ? `${action} failed: ${this.#where(request)} answered with a redirect (status ${status}), which is not followed. Set the endpoint to where the API really is.`
          : `${action} failed: the server answered status ${status}${said} (${this.#where(request)}).`;
    const ambiguous = request.retry !== "safe" && (status < 400 || status >= 500);
    return new TutumApiError({ ...at(request), status, message, serverMessage: words, ambiguous });
  }

  #unanswered(request: HttpRequest, action: string, failure: HttpFailure): TutumApiError {
    const message = failure.sent
      ? `${action} failed: ${failure.message} (${this.#where(request)}).`
      : `${action} failed: cannot reach ${this.http.baseUrl}: ${failure.message}. ${this.#hint()}`;
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
    const full = `${action} failed: ${message} (${this.#where(request)}). Is this address a Tutum API?`;
    return new TutumApiError({
      ...at(request),
      message: full,
      status,
      ambiguous: request.retry !== "safe",
    });
  }

  #where(request: HttpRequest): string {
    return `${request.method} ${this.http.baseUrl}${request.path}`;
  }

  #hint(): string {
    return /(^|\.)tutum\.co$/.test(new URL(this.http.baseUrl).hostname)
      ? "The hosted Tutum service is gone: run a server of your own with `npx tutum-server`."
      : "Is the server running there?";
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

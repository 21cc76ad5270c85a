/**
 * The errors of the client. All are recognised by a guard on `name`: `instanceof` breaks between two copies of a
 * package. None holds the request, its headers or the key.
 */

import { isTransient } from "../../http/retry";

/** The server answered with an error, gave an answer that makes no sense, or could not be reached. */
export class TutumApiError extends Error {
  override readonly name: string = "TutumApiError";
  /** HTTP status; absent when no complete answer came. Never called `code`: gRPC would take it for its own. */
  readonly status: number | undefined;
  readonly method: string;
  /** Path below the API's base URL, with the query. */
  readonly path: string;
  /** The server's own words, flattened to one line. */
  readonly serverMessage: string;
  /** Whether the server may have carried the request out although it was not answered with success. */
  readonly ambiguous: boolean;

  constructor(details: {
    message: string;
    method: string;
    path: string;
    status?: number;
    serverMessage?: string;
    ambiguous?: boolean;
  }) {
    super(details.message);
    this.method = details.method;
    this.path = details.path;
    this.status = details.status;
    this.serverMessage = details.serverMessage ?? "";
    this.ambiguous = details.ambiguous ?? false;
  }

  /** Whether the same request may succeed a little later. */
  get retryable(): boolean {
    return this.status === undefined || isTransient(this.status);
  }
}

export function isTutumApiError(error: unknown): error is TutumApiError {
  return error instanceof Error && ["TutumApiError", "TutumAuthError"].includes(error.name);
}

/** For `catch`: nothing where the server knows no such object, any other error as it is. */
export function noneIfMissing(error: unknown): undefined {
  if (isTutumApiError(error) && error.status === 404) return undefined;
  throw error;
}

/** The server refused the credentials (status 401). Also a `TutumApiError`. */
export class TutumAuthError extends TutumApiError {
  override readonly name = "TutumAuthError";
}

export function isTutumAuthError(error: unknown): error is TutumAuthError {
  return error instanceof Error && error.name === "TutumAuthError";
}

/** Endpoint or credentials are missing or unusable. The message says where was looked and what to set. */
export class TutumConfigError extends Error {
  override readonly name = "TutumConfigError";

  constructor(
    message: string,
    /** What is missing altogether, if anything. */
    readonly missing?: "endpoint" | "user" | "apikey",
  ) {
    super(message);
  }
}

export function isTutumConfigError(error: unknown): error is TutumConfigError {
  return error instanceof Error && error.name === "TutumConfigError";
}

/** No object, or more than one, has this name. `candidates` are those that were found. */
export class TutumLookupError extends Error {
  override readonly name = "TutumLookupError";

  constructor(
    message: string,
    readonly candidates: { uuid: string; unique_name: string; state: string }[],
  ) {
    super(message);
  }
}

export function isTutumLookupError(error: unknown): error is TutumLookupError {
  return error instanceof Error && error.name === "TutumLookupError";
}

/** The words in an error body of any shape the API is known to use; "" when there are none. */
export function serverMessage(body: unknown): string {
  return [...words(body)].join("; ").replace(/\s+/g, " ").slice(0, 500);
}

function* words(body: unknown, path: string[] = []): Generator<string> {
  if (typeof body === "string") {
    if (body.trim() !== "") yield path.length > 0 ? `${path.join(".")}: ${body}` : body;
  } else if (Array.isArray(body)) {
    for (const item of body) yield* words(item, path);
  } else if (body !== null && typeof body === "object") {
    for (const [key, value] of Object.entries(body)) {
      if (key === "traceback") continue;
      // `error` and `application` only say what the body is about.
      const wrapper =
        path.length === 0 && ["error", "error_message", "application", "container"].includes(key);
      yield* words(value, wrapper ? path : [...path, key]);
    }
  }
}

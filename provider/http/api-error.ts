import { isTransient } from "./retry";

export interface ApiErrorDetails {
  message: string;
  method: string;
  path: string;
  /** Absent when no complete response came. */
  status?: number;
  serverMessage?: string;
  requestId?: string;
  ambiguous?: boolean;
}

/** By which an error is known: `instanceof` breaks between two copies of a package. */
const MARK = Symbol.for("pulumi-tutum.ApiError");

/**
 * An API answered with an error, gave an answer that makes no sense, or could not be reached. Each API's own errors
 * extend it. It holds nothing of the request but method and path, so that it can be logged.
 */
export class ApiError extends Error {
  override readonly name: string = "ApiError";
  /** HTTP status; absent when no complete answer came. Never called `code`: gRPC would take it for its own. */
  readonly status: number | undefined;
  readonly method: string;
  /** Path below the API's base URL, without the query. */
  readonly path: string;
  /** The server's own words, flattened to one line. */
  readonly serverMessage: string;
  /** The server's id of this request, where it has one: its operators find it by that. */
  declare readonly requestId?: string;
  /** Whether the server may have carried the request out although it was not answered with success. */
  readonly ambiguous: boolean;

  constructor(details: ApiErrorDetails) {
    super(details.message);
    this.method = details.method;
    this.path = details.path;
    this.status = details.status;
    this.serverMessage = details.serverMessage ?? "";
    this.ambiguous = details.ambiguous ?? false;
    if (details.requestId !== undefined) this.requestId = details.requestId;
  }

  get [MARK](): true {
    return true;
  }

  /** Whether the same request may succeed a little later. */
  get retryable(): boolean {
    return this.status === undefined || isTransient(this.status);
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && MARK in error;
}

/** For `catch`: nothing where the server knows no such object, any other error as it is. */
export function noneIfMissing(error: unknown): undefined {
  if (isApiError(error) && error.status === 404) return undefined;
  throw error;
}

/**
 * The errors of the client. All are recognised by a guard on `name`: `instanceof` breaks between two copies of a
 * package. None holds the request, its headers or the key.
 */
import { ApiError } from "../../http/api-error";

/** The server answered with an error, gave an answer that makes no sense, or could not be reached. */
export class TutumApiError extends ApiError {
  override readonly name: string = "TutumApiError";
}

export function isTutumApiError(error: unknown): error is TutumApiError {
  return error instanceof Error && ["TutumApiError", "TutumAuthError"].includes(error.name);
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

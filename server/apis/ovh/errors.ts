/** Errors in OVH's shape: old clients read `errorCode` and `httpCode`, newer ones `class`, all of them `message`. */
import { STATUS_CODES } from "node:http";
import { ApiError } from "../../host/errors";

const CLASSES: Record<number, string> = {
  400: "Client::BadRequest",
  401: "Client::Unauthorized",
  403: "Client::Forbidden",
  404: "Client::NotFound",
  409: "Client::Conflict",
};

export function errorBody(status: number, message: string, errorCode?: string): object {
  return {
    class: CLASSES[status] ?? (status < 500 ? "Client::BadRequest" : "Server::InternalServerError"),
    message,
    ...(errorCode === undefined ? {} : { errorCode }),
    httpCode: `${status} ${STATUS_CODES[status] ?? ""}`.trim(),
  };
}

function refusal(status: number, errorCode: string, message: string): () => ApiError {
  return () => new ApiError(status, errorBody(status, message, errorCode));
}

/** Why a request is not carried out, in the order in which it is looked at. */
export const refusals = {
  unsigned: refusal(401, "NOT_CREDENTIAL", "You must login first"),
  unknownApplication: refusal(403, "INVALID_KEY", "This application key is invalid"),
  unknownConsumer: refusal(403, "NOT_CREDENTIAL", "This credential does not exist"),
  invalidConsumer: refusal(403, "INVALID_CREDENTIAL", "This credential is not valid"),
  outOfTime: refusal(400, "QUERY_TIME_OUT", "Query out of time"),
  wrongSignature: refusal(400, "INVALID_SIGNATURE", "Invalid signature"),
  foreignAddress: refusal(403, "FORBIDDEN", "This credential may not be used from this address"),
  notGranted: refusal(403, "NOT_GRANTED_CALL", "This call has not been granted"),
};

export const INVALID_URL = "INVALID_URL";
export const NO_SUCH_URL = "Got an invalid (or empty) URL";

/** Of a zone or a server. */
export function noSuchService(): ApiError {
  return new ApiError(404, errorBody(404, "This service does not exist"));
}

export function noSuchObject(id: string | number): ApiError {
  return new ApiError(404, errorBody(404, `The requested object (id = ${id}) does not exist`));
}

/** Names the field. */
export function badField(field: string, problem: string): ApiError {
  return new ApiError(400, errorBody(400, `[${field}] ${problem}`));
}

export function notDescribed(fields: readonly string[]): ApiError {
  return new ApiError(400, errorBody(400, `Received not described parameters: (${fields.join(", ")})`));
}

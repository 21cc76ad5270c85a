import { ApiError } from "../../host/errors";

/** 404: Tutum answers with an empty body. */
export function notFound(): ApiError {
  return new ApiError(404);
}

/** 400 for an action that the object's present state does not allow. */
export function badState(message: string): ApiError {
  return new ApiError(400, { error: message });
}

/** 400 with the messages for each field, as in `{"application": {"image": ["..."]}}`. */
export function invalidFields(resource: string, fields: Record<string, string[]> | string): ApiError {
  return new ApiError(400, { [resource]: fields });
}

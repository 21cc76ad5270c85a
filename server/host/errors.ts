/** A mistake or circumstance the user can do something about: shown as its message alone, never with a stack. */
export class UserError extends Error {
  override name = "UserError";

  constructor(
    message: string,
    /** What a command that fails with this exits with. */
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

/** An answer other than success: the status and the body exactly as they go over the wire (no body: empty). */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly status: number,
    readonly body?: object,
  ) {
    super(body ? `status ${status}: ${JSON.stringify(body)}` : `status ${status}`);
  }
}

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

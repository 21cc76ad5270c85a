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

/** A response other than success: the status and the body exactly as they go over the wire (no body: empty). */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly status: number,
    readonly body?: object,
  ) {
    super(body ? `status ${status}: ${JSON.stringify(body)}` : `status ${status}`);
  }
}

/** What the host refuses, whatever the API: that gives the body its shape. */
export class HostError extends Error {
  override name = "HostError";

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

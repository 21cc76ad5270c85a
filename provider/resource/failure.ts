/**
 * An error meant for the user: the message says what happened and what to do, so a stack trace would only bury it.
 * The host prints `stack` for some methods, hence it is empty.
 */
export class ExpectedError extends Error {
  override readonly name: string = "Error";
  override readonly stack = "";
}

/**
 * The operation failed after the resource existed. The engine saves the resource with these outputs and its next
 * update resumes. `outputs` are complete: what is missing here would be lost from the state.
 */
export class PartialFailure extends ExpectedError {
  constructor(
    readonly id: string,
    readonly outputs: Record<string, unknown>,
    readonly reasons: string[],
  ) {
    super(reasons.join("; "));
  }
}

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

/**
 * Runs steps on a resource that exists, and returns its outputs. Whatever fails is thrown with the id and the outputs of
 * the state reached, so that the engine keeps the resource and the next update resumes.
 */
export async function completing(
  id: string,
  outputs: () => Record<string, unknown>,
  steps: () => Promise<void>,
): Promise<Record<string, unknown>> {
  try {
    await steps();
    return outputs();
  } catch (error) {
    throw new PartialFailure(id, { ...outputs(), unfinished: true }, [
      error instanceof Error ? error.message : String(error),
    ]);
  }
}

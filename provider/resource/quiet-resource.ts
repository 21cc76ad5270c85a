import * as pulumi from "@pulumi/pulumi";

/**
 * A resource whose making takes no pictures of the call stack. The SDK takes four for each property, to be printed if
 * a promise is never resolved and `PULUMI_DEBUG_PROMISE_LEAKS` is set: more than half of what a program with many
 * resources does. The position in the program that the SDK gives to the engine is not among them, nor is the stack of an
 * error that is thrown here.
 */
export class QuietResource extends pulumi.CustomResource {
  constructor(...args: ConstructorParameters<typeof pulumi.CustomResource>) {
    const { stackTraceLimit } = Error;
    if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) Error.stackTraceLimit = 0;
    try {
      super(...args);
    } catch (error) {
      Error.stackTraceLimit = stackTraceLimit;
      if (error instanceof Error) Error.captureStackTrace(error, new.target);
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}

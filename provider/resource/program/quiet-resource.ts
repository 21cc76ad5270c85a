import { join, sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { onlyProgram } from "./program-frames";

/** This package's compiled files: none of them is where somebody declared something. */
const OWN = join(__dirname, "../..") + sep;

/**
 * A resource whose making takes no pictures of the call stack. The SDK takes four for each property, to be printed if
 * a promise is never resolved and `PULUMI_DEBUG_PROMISE_LEAKS` is set: more than half of what a program with many
 * resources does. Left is the one that goes into the state, which says where in the program it was declared; the frames of
 * libraries, which would be a third of the state, are not. An error that is thrown here has its whole stack.
 */
export class QuietResource extends pulumi.CustomResource {
  constructor(...args: ConstructorParameters<typeof pulumi.CustomResource>) {
    const { stackTraceLimit, prepareStackTrace } = Error;
    if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
      Error.stackTraceLimit = 0;
      // Without one, as Pulumi sets it when it runs a program, the frames cannot be told from here.
      if (prepareStackTrace) Error.prepareStackTrace = onlyProgram(prepareStackTrace, OWN);
    }
    const restore = () => Object.assign(Error, { stackTraceLimit, prepareStackTrace });
    try {
      super(...args);
    } catch (error) {
      restore();
      if (error instanceof Error) Error.captureStackTrace(error, new.target);
      throw error;
    } finally {
      restore();
    }
  }
}

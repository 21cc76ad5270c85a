import * as pulumi from "@pulumi/pulumi";

/**
 * What fails inside of an output, as an error that is told in one sentence. Without its stack: Pulumi formats that even
 * where it hides it, and for frames of the SDK's own sources (`node_modules/@pulumi/output.ts`) Node's `util.inspect`
 * never comes to an end in versions such as 20.20: half a minute until it runs out of memory for the text.
 */
export async function asRunError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = new pulumi.RunError((error as Error).message);
    failure.stack = "";
    throw failure;
  }
}

import * as pulumi from "@pulumi/pulumi";
import { getApplication } from "../../../provider";
import { asRunError } from "../../../provider/resource/program/output-errors";

test("what fails inside of an output is told by its message, and leaves no stack for Pulumi to format", async () => {
  const failing = asRunError(() => getApplication({ application: "" }));
  const error = await failing.catch((thrown: unknown) => thrown);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).not.toBe("");
  expect((error as Error).stack).toBe("");
});

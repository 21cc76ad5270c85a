/** Responses, checked: what is relied on must be there, keys that are not known are left out. */
import * as v from "valibot";

/** Turns a response's JSON into a value, or throws an `UnexpectedResponse`. */
export type Decoder<T> = (body: unknown) => T;

/** The response is not what was asked for. The message says what it is instead. */
export class UnexpectedResponse extends Error {}

/** `instead` says what a body is that the schema refuses: "no list of applications". */
export function decoder<T>(schema: v.GenericSchema, instead: string): Decoder<T> {
  return body => {
    const { success, output, issues } = v.safeParse(schema, body, { abortEarly: true });
    if (success) return output as T;
    throw new UnexpectedResponse(
      `the answer holds ${instead} (${v.getDotPath(issues[0]) ?? "it"} is not as documented)`,
    );
  };
}

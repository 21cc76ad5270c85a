/** State is dropped on proof only: a missing resource is gone when the same endpoint and account do not list it, either. */
import type { Values } from "../table/field";
import { ExpectedError } from "./failure";

/** Where a resource is looked for. */
export interface Place {
  readonly endpoint: string;
  /** A hash of the user. */
  readonly userHash: string;
}

export interface Missing {
  /** `Application`. */
  noun: string;
  id: string;
  /** What it is called in messages, as the state has it. */
  name?: unknown;
  /** Its outputs in the state: they tell where it was made. */
  outputs: Values;
  /** Its name, when a list call shows that it is there all the same. */
  listed(): Promise<string | undefined>;
}

/** Throws unless what the server said it has not is gone for certain. */
export async function expectGone(place: Place, missing: Missing): Promise<void> {
  expectSamePlace(place, missing);
  const { noun, id } = missing;
  const name = await missing.listed();
  if (name === undefined) return;
  throw new ExpectedError(
    `${noun} ${name} (${id}) was not found at ${place.endpoint}, and is in its list all the same: run the command ` +
      "again.",
  );
}

/** A 404 proves nothing when another endpoint or account was asked than the one that created it. */
function expectSamePlace(place: Place, { noun, id, name = id, outputs }: Missing): void {
  const { endpoint = place.endpoint, userHash = place.userHash } = outputs;
  if (endpoint === place.endpoint && userHash === place.userHash) return;
  const difference =
    endpoint === place.endpoint
      ? `another user's credentials are in use at ${place.endpoint} than when it was created`
      : `it was created at ${endpoint}, and now ${place.endpoint} is asked`;
  throw new ExpectedError(
    `${noun} ${name} is not found, but ${difference}. Set the endpoint and credentials it was created with; if that ` +
      "server is gone for good, remove the resource with `pulumi state delete`.",
  );
}

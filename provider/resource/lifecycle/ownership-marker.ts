/**
 * The marker of what a stack has made, written onto it in the cloud. Its first part is made from the stack's identity and
 * the resource's URN, and the same in every run and in every state that has the identity. Its second part is random: it
 * tells which creation made it.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";

export interface Owner {
  mark: string;
  /** The same in every run. Undefined without a stack identity: the mark is of this creation only. */
  marker: string | undefined;
}

/** Of a new creation. `resource` is the hash of its URN. */
export function newOwner(identity: string | undefined, resource: unknown): Owner {
  if (!identity || typeof resource !== "string")
    return { mark: randomUUID().replaceAll("-", ""), marker: undefined };
  const marker = createHash("sha256").update(`${identity} ${resource}`).digest("hex").slice(0, 32);
  return { mark: `${marker}.${randomBytes(8).toString("hex")}`, marker };
}

/** The part of a mark that is the same in every run. */
export function markerIn(mark: string): string {
  return mark.split(".")[0] ?? mark;
}

import type { Schema } from "./schema";

/** Property values by name, as the engine carries them. */
export type Values = Record<string, unknown>;

/**
 * What changing a field does: it is updated in place, an action brings it about (start, stop), the resource is
 * replaced, it is only stored in the state, or nothing at all.
 */
export type Mutability = "in-place" | "action" | "replace" | "stored" | "none";

/**
 * One property of a resource: the only place that says how it is called, checked, sent, read back and changed.
 * Check, diff, payloads and outputs are functions over a table of these.
 */
export interface Field<Wire> {
  /** What is accepted. */
  schema: Schema;
  /** What it is when left out. Check fills it in: it is known in previews, and sent, so that every server agrees. */
  default?: unknown;
  change: Mutability;
  /** Its value may be a secret: messages only tell that it differs. */
  sensitive?: true;
  /** Set by the resource's class, not by programs. */
  internal?: true;
  /** Name in request bodies; absent when the API has no such field. */
  wire?: string;
  /** Left out means that the server decides (from the image, say): what it then tells is no difference. */
  derived?: true;
  /** Whether a value with unknowns in it is a change for certain, because what it comes from is made anew. */
  isCertain?(value: unknown): boolean;
  /** The form in which two values are compared: order, defaults and spelling that mean the same made equal. */
  canonical?(value: never): unknown;
  /** From the input to the request body. */
  toWire?(value: never): unknown;
  /** From the server's answer to the input's form; absent when the server cannot tell. */
  fromWire?(resource: Wire, declared: never | undefined): unknown;
}

export type FieldTable<Wire> = Readonly<Record<string, Field<Wire>>>;

/** The form in which a value is compared; one that is left out is its default. */
export function canonical<Wire>(field: Field<Wire>, value: unknown): unknown {
  const meant = value === undefined || value === null || value === "" ? field.default : value;
  return meant !== undefined && field.canonical ? field.canonical(meant as never) : meant;
}

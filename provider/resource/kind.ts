import type { FieldTable } from "./table/field";

/** A kind of resource, as all that is not a cloud knows it: what it is called, and its properties. */
export interface ResourceKind {
  /** Type token, by which the engine knows it: `pulumi-nodejs:dynamic/tutum:Application`. */
  type: string;
  /** For people: `application`. */
  noun: string;
  /** The class in programs: `TutumApplication`. */
  className: string;
  table: FieldTable<never>;
  /** Names of the outputs that are no fields of the table. */
  outputs: readonly string[];
  /** The property by which it is named on the server, when there is one. */
  nameProperty?: string;
}

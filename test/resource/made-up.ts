/** A kind of resource that no cloud has, for what the core does with any. */

import type { Operation } from "../../provider/resource/lifecycle/lifecycle";
import type { FieldTable } from "../../provider/resource/table/field";
import { integer, list, optional, record, string } from "../../provider/resource/table/schema";

/** As its server shows it. */
export interface Lamp {
  id: string;
  place: string;
  brightness: number;
  labels: Record<string, string>;
  bulbs: string[];
  isOn: boolean;
}

export const lampFields = {
  place: { schema: string, change: "replace", wire: "place", fromWire: lamp => lamp.place },
  brightness: {
    schema: optional(integer(0, 100)),
    default: 50,
    change: "in-place",
    wire: "brightness",
    fromWire: lamp => lamp.brightness,
  },
  labels: {
    schema: optional(record(string, string)),
    default: {},
    change: "in-place",
    wire: "labels",
    fromWire: lamp => lamp.labels,
  },
  bulbs: {
    schema: optional(list(string)),
    derived: true,
    change: "replace",
    wire: "bulbs",
    canonical: (bulbs: string[]) => [...bulbs].sort(),
    fromWire: lamp => lamp.bulbs,
  },
  on: { schema: optional(string), change: "action", fromWire: lamp => lamp.isOn },
  note: { schema: optional(string), change: "stored" },
} satisfies FieldTable<Lamp>;

/** An operation that is written down. */
export function operation(changes: Partial<Operation> = {}): Operation & { said: string[] } {
  const said: string[] = [];
  return {
    name: "create",
    signal: new AbortController().signal,
    report: message => void said.push(message),
    warn: message => void said.push(`warning: ${message}`),
    ...changes,
    said,
  };
}

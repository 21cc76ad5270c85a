import { isDeepStrictEqual } from "node:util";
import { canonical, type FieldTable, type Values } from "./field";
import { UNKNOWN } from "./unknown";

/** Output that lists the fields the program left to the server, so that their values are never taken for inputs. */
const DERIVED = "derived";

/** The fields whose value in these outputs the server decided. */
export function derivedFields(outputs: Values): string[] {
  const names = outputs[DERIVED];
  return Array.isArray(names) ? names.map(String) : [];
}

/**
 * The outputs of every create, read and update: what the server said, under each input's name, and the inputs it
 * cannot tell. Where the server's value means the same as the declared one, the declared spelling stays.
 */
export function outputsOf<Wire>(table: FieldTable<Wire>, resource: Wire, declared: Values): Values {
  const outputs: Values = {};
  const derived: string[] = [];
  for (const [name, field] of Object.entries(table)) {
    const mine = declared[name];
    const told = field.fromWire ? field.fromWire(resource, mine as never) : mine;
    const same = isDeepStrictEqual(canonical(field, told), canonical(field, mine));
    const value = same ? mine : told;
    if (value !== undefined && value !== null) outputs[name] = value;
    if (field.derived && mine === undefined) derived.push(name);
  }
  if (derived.length > 0) outputs[DERIVED] = derived;
  return outputs;
}

/** The full input set back from outputs: what a refresh stores as inputs. */
export function inputsOf(table: FieldTable<never>, outputs: Values): Values {
  const derived = derivedFields(outputs);
  const names = Object.keys(table).filter(name => !derived.includes(name) && outputs[name] !== undefined);
  return Object.fromEntries(names.map(name => [name, outputs[name]]));
}

/** A request body of the named fields, those without a value left out. */
export function bodyOf(
  table: FieldTable<never>,
  inputs: Values,
  names: string[] = Object.keys(table),
): Values {
  const body: Values = {};
  for (const name of names) {
    const field = table[name];
    const value = inputs[name];
    if (!field?.wire || value === undefined) continue;
    body[field.wire] = field.toWire ? field.toWire(value as never) : value;
  }
  return body;
}

/** The outputs of the fields before the server is asked: what is declared, and what it decided and decides again. */
export function expectedOutputs(table: FieldTable<never>, inputs: Values, old?: Values): Values {
  const outputs: Values = {};
  const derived: string[] = [];
  for (const [name, field] of Object.entries(table)) {
    const declared = inputs[name];
    const value = declared === undefined && field.derived ? (old ? old[name] : UNKNOWN) : declared;
    if (value !== undefined) outputs[name] = value;
    if (declared === undefined && field.derived) derived.push(name);
  }
  if (derived.length > 0) outputs[DERIVED] = derived;
  return outputs;
}

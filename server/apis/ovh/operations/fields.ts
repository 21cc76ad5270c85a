/** Reads bodies and queries: a field that is missing, bad or unknown is refused by its name. */
import { badField, notDescribed } from "../errors";

export type Fields = Record<string, unknown>;

/** Returns what is kept of a value; undefined when it is not of the field's type. */
export type Read<T> = (value: unknown) => T | undefined;

export const text: Read<string> = value => (typeof value === "string" ? value : undefined);
export const flag: Read<boolean> = value => (typeof value === "boolean" ? value : undefined);
export const nullable =
  <T>(read: Read<T>): Read<T | null> =>
  value =>
    value === null ? null : read(value);
export const integer =
  (min: number, max = Number.MAX_SAFE_INTEGER): Read<number> =>
  value =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
export const oneOf =
  <T extends string>(allowed: readonly T[]): Read<T> =>
  value =>
    allowed.find(each => each === value);
/** All of it, or nothing. */
export const listOf =
  <T>(read: Read<T>, max: number): Read<T[]> =>
  value => {
    if (!Array.isArray(value) || value.length > max) return undefined;
    const items = value.map(read).filter(item => item !== undefined);
    return items.length === value.length ? items : undefined;
  };

/** Null and nothing at all are an object without fields: clients send no body where they have none. */
export function objectOf(body: unknown): Fields {
  if (body === undefined || body === null) return {};
  if (typeof body === "object" && !Array.isArray(body)) return Object.fromEntries(Object.entries(body));
  throw badField("body", "Given data is not an object");
}

export class BodyReader {
  private readonly fields: Fields;

  /** `known`: fields that may be there, read or not. */
  constructor(body: unknown, known: readonly string[]) {
    this.fields = objectOf(body);
    const unknown = Object.keys(this.fields).filter(name => !known.includes(name));
    if (unknown.length > 0) throw notDescribed(unknown);
  }

  /** Undefined when it is not there. */
  optional<T>(name: string, type: string, read: Read<T>): T | undefined {
    const value = this.fields[name];
    if (value === undefined) return undefined;
    const found = read(value);
    if (found === undefined) throw badField(name, `Given data (${shown(value)}) does not belong to ${type}`);
    return found;
  }

  required<T>(name: string, type: string, read: Read<T>): T {
    const found = this.optional(name, type, read);
    if (found === undefined) throw badField(name, "Missing parameter");
    return found;
  }
}

const MAX_SHOWN = 80;

/** Of a list or an object nothing that it holds. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const words = String(value);
  return words.length > MAX_SHOWN ? `${words.slice(0, MAX_SHOWN)}...` : words;
}

import { invalidFields } from "../errors";

/** Reads fields of a request body and collects what is wrong with them, to answer all of it at once. */
export class FieldReader {
  private readonly errors: Record<string, string[]> = {};
  private readonly body: Record<string, unknown>;

  constructor(
    private readonly resource: string,
    body: unknown,
  ) {
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      throw invalidFields(resource, "The request body must be a JSON object.");
    }
    this.body = body as Record<string, unknown>;
  }

  /** Null counts as absent: clients send it for what they do not set. */
  raw(field: string): unknown {
    return Object.hasOwn(this.body, field) ? (this.body[field] ?? undefined) : undefined;
  }

  /** Present, even if null. */
  has(field: string): boolean {
    return Object.hasOwn(this.body, field);
  }

  fail(field: string, message: string): void {
    const messages = this.errors[field] ?? [];
    messages.push(message);
    this.errors[field] = messages;
  }

  string(field: string): string | undefined {
    const value = this.raw(field);
    if (value === undefined || typeof value === "string") return value;
    this.fail(field, `${show(value)} is not a string.`);
    return undefined;
  }

  boolean(field: string): boolean | undefined {
    const value = this.raw(field);
    if (value === undefined || typeof value === "boolean") return value;
    this.fail(field, `${show(value)} is not true or false.`);
    return undefined;
  }

  oneOf<T extends string>(field: string, allowed: readonly T[]): T | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    const found = allowed.find(candidate => candidate === value);
    if (!found) this.fail(field, `${show(value)} is not one of ${allowed.join(", ")}.`);
    return found;
  }

  integer(field: string, min: number, max: number): number | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    this.fail(field, `${show(value)} is not an integer from ${min} to ${max}.`);
    return undefined;
  }

  /** Each element goes through `read`, which returns what is kept or a message; `name` is how a wrong value is told. */
  list<T>(
    field: string,
    max: number,
    read: (item: unknown) => T | Problem,
    name: (value: unknown) => string = show,
  ): T[] | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) {
      this.fail(field, `${name(value)} is not a list.`);
      return undefined;
    }
    if (value.length > max) {
      this.fail(field, `${value.length} entries are too many: at most ${max} are allowed.`);
      return undefined;
    }
    const items: T[] = [];
    for (const [index, element] of value.entries()) {
      const item = read(element);
      if (item instanceof Problem) this.fail(field, `[${index}]: ${item.message}`);
      else items.push(item);
    }
    return items;
  }

  /** Throws the answer 400 if anything was wrong. */
  finish(): void {
    if (Object.keys(this.errors).length > 0) throw invalidFields(this.resource, this.errors);
  }
}

/** What is wrong with one element of a list. */
export class Problem {
  constructor(readonly message: string) {}
}

/**
 * A value as it is named in messages: its JSON, cut short. Of lists and objects nothing that they hold; of a text
 * nothing before an `@`: it may be a password, as in `me:secret@quay.io/app`.
 */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "number" && !Number.isFinite(value)) return "a number that is too large";
  const text = JSON.stringify(typeof value === "string" ? value.replace(/^.*@/s, "***@") : value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** For places that may hold a secret: what kind of value it is. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return "a text";
  return typeof value === "object" ? show(value) : `a ${typeof value}`;
}

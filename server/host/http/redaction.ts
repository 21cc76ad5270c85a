/**
 * What of a request may be kept and shown to others, made of readers for known fields of known types: each text cut
 * short, and what may be anything only when the response shows it too. Everything else is shown by its shape alone, so
 * that a secret in a place nobody thought of stays nobody's.
 */
import type { Kept } from "../api";
import { shortened } from "./shortened";

export const MASK = "***";
/** Characters of one text, and of everything kept of one body. */
const MAX_TEXT = 500;
const MAX_BODY = 8_000;

/** How much of a body may still be kept, and whether something was cut. */
class Budget {
  cut = false;
  constructor(
    private left: number,
    /** Texts in the response. */
    readonly shown: ReadonlySet<unknown> = new Set(),
  ) {}

  get isSpent(): boolean {
    return this.left <= 0;
  }

  spend(characters: number): void {
    this.left -= characters;
  }
}

/** Undefined: not of the known type. */
export type Reader = (value: unknown, budget: Budget) => unknown;

export const text: Reader = (value, budget) => {
  if (typeof value !== "string") return undefined;
  const kept = shortened(value, MAX_TEXT);
  if (value.length > MAX_TEXT) budget.cut = true;
  budget.spend(kept.length);
  return kept;
};
/** What a user writes freely may be a secret in the wrong place. */
export const freeText: Reader = (value, budget) =>
  budget.shown.has(value) ? text(value, budget) : undefined;
/** An image's name may be an address with a password in it. */
export const textLike =
  (...patterns: RegExp[]): Reader =>
  (value, budget) =>
    typeof value === "string" && patterns.some(pattern => pattern.test(value))
      ? text(value, budget)
      : undefined;
export const number: Reader = value => (typeof value === "number" ? value : undefined);
export const boolean: Reader = value => (typeof value === "boolean" ? value : undefined);
export const secret: Reader = value => (typeof value === "string" ? MASK : undefined);

/** `response`: what was sent back, if any was yet. */
export function kept(read: Reader, body: unknown, response = ""): Kept<unknown> {
  const budget = new Budget(MAX_BODY, textsIn(response));
  const value = read(body, budget) ?? shapeOf(body);
  return { value, cut: budget.cut };
}

/** Of a query: undefined leaves a parameter out, and counts it as unknown. */
export function keptParameters(
  query: Record<string, string>,
  read: (name: string) => Reader | undefined,
): Kept<Record<string, string>> {
  const budget = new Budget(MAX_BODY);
  const parameters: Record<string, string> = {};
  let unknown = 0;
  for (const [name, value] of Object.entries(query)) {
    const reader = read(name);
    if (reader) parameters[name] = String(reader(value, budget) ?? shapeOf(value));
    else unknown++;
  }
  if (unknown > 0) parameters["(unknown parameters)"] = String(unknown);
  return { value: parameters, cut: budget.cut };
}

/** Of an object: a fault may have made something else of it. */
function textsIn(json: string): Set<unknown> {
  try {
    return new Set(Object.values(JSON.parse(json)));
  } catch {
    return new Set();
  }
}

/** Null stands for "not set" everywhere. What is not of its field's type is told as such. */
export function fields(known: Record<string, Reader>): Reader {
  return (value, budget) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const kept: Record<string, unknown> = {};
    let unknown = 0;
    for (const [name, content] of Object.entries(value)) {
      const read = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!read) unknown++;
      else kept[name] = content === null ? null : (read(content, budget) ?? shapeOf(content));
      budget.spend(name.length);
    }
    return unknown > 0 ? { ...kept, "(unknown fields)": unknown } : kept;
  };
}

export function listOf(read: Reader): Reader {
  return (value, budget) => {
    if (!Array.isArray(value)) return undefined;
    const kept: unknown[] = [];
    for (const item of value) {
      if (budget.isSpent) {
        budget.cut = true;
        kept.push(`(${value.length - kept.length} more)`);
        break;
      }
      const element = read(item, budget) ?? shapeOf(item);
      if (typeof element === "string") budget.spend(10);
      kept.push(element);
    }
    return kept;
  };
}

export function oneOf(...readers: Reader[]): Reader {
  return (value, budget) => {
    for (const read of readers) {
      const kept = read(value, budget);
      if (kept !== undefined) return kept;
    }
    return undefined;
  };
}

function shapeOf(value: unknown): unknown {
  // Nothing is hidden in nothing: "" says that a domain was taken away.
  if (value === null || value === "") return value;
  if (typeof value === "string") return `(a text of ${value.length} characters)`;
  if (Array.isArray(value)) return `(a list of ${value.length})`;
  if (typeof value === "object") return `(an object of ${Object.keys(value).length})`;
  return `(a ${typeof value})`;
}

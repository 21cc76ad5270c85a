/**
 * What of a request may be kept and shown to others: known fields of known types, each cut short; names that look like
 * ones; and texts that may be anything, when the answer shows them too. Everything else is shown by its shape alone, so
 * that a secret in a place nobody thought of stays nobody's.
 */
import type { Kept } from "../../host/api";
import { shortened } from "../../host/http/shortened";
import {
  ALIAS,
  APPLICATION_NAME,
  APPLICATION_REFERENCE,
  HOST_NAME,
  IMAGE_REFERENCE,
  IMAGE_TAG,
  VARIABLE_NAME,
} from "./model/patterns";
import { CONTAINER_FILTERS, PAGING_PARAMETERS } from "./operations/parameters";

const MASK = "***";
/** Characters of one text, and of everything kept of one body. */
const MAX_TEXT = 500;
const MAX_BODY = 8_000;

/** A policy, a size, a protocol, a role. */
const WORD = /^[A-Za-z_]{1,20}$/;
/** What lists are filtered by: a name, a uuid, a state. */
const FILTER = /^[\w .-]*$/;

/** How much of a body may still be kept, and whether something was cut. */
class Budget {
  cut = false;
  constructor(
    private left: number,
    /** Texts in the answer. */
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
type Reader = (value: unknown, budget: Budget) => unknown;

const text: Reader = (value, budget) => {
  if (typeof value !== "string") return undefined;
  const kept = shortened(value, MAX_TEXT);
  if (value.length > MAX_TEXT) budget.cut = true;
  budget.spend(kept.length);
  return kept;
};
/** What a user writes freely may be a secret in the wrong place. */
const freeText: Reader = (value, budget) => (budget.shown.has(value) ? text(value, budget) : undefined);
/** An image's name may be an address with a password in it. */
const textLike =
  (...patterns: RegExp[]): Reader =>
  (value, budget) =>
    typeof value === "string" && patterns.some(pattern => pattern.test(value))
      ? text(value, budget)
      : undefined;
const word = textLike(WORD);
const number: Reader = value => (typeof value === "number" ? value : undefined);
const boolean: Reader = value => (typeof value === "boolean" ? value : undefined);
const secret: Reader = value => (typeof value === "string" ? MASK : undefined);
/** What is no variable's name may hold its value. */
const variableName = textLike(VARIABLE_NAME);
const link = textLike(APPLICATION_REFERENCE, APPLICATION_NAME);

const BODY = fields({
  image: textLike(IMAGE_REFERENCE),
  image_tag: textLike(IMAGE_REFERENCE),
  name: textLike(APPLICATION_NAME, IMAGE_REFERENCE),
  container_size: word,
  target_num_containers: number,
  run_command: freeText,
  entrypoint: freeText,
  container_ports: listOf(fields({ protocol: word, inner_port: number, outer_port: number })),
  container_envvars: listOf(fields({ key: variableName, value: secret })),
  linked_to_application: listOf(oneOf(link, fields({ to_application: link, name: textLike(ALIAS) }))),
  autorestart: word,
  autoreplace: word,
  autodestroy: word,
  roles: listOf(word),
  web_public_dns: textLike(HOST_NAME),
  sequential_deployment: boolean,
  tag: textLike(IMAGE_TAG),
  description: freeText,
  username: freeText,
  password: secret,
});

const PARAMETERS: readonly string[] = [...PAGING_PARAMETERS, ...CONTAINER_FILTERS];
const filter = textLike(FILTER);
const SECRET_PARAMETERS = ["api_key", "apikey", "password"];

/** `answer`: what was sent back, if any was yet. */
export function keptBody(body: unknown, answer = ""): Kept<unknown> {
  const budget = new Budget(MAX_BODY, textsIn(answer));
  const value = BODY(body, budget) ?? shapeOf(body);
  return { value, cut: budget.cut };
}

/** Of an object: a fault may have made something else of it. */
function textsIn(json: string): Set<unknown> {
  try {
    return new Set(Object.values(JSON.parse(json)));
  } catch {
    return new Set();
  }
}

/** `user` is the account's: nobody else's name is kept, it may be a key in the wrong place. */
export function keptQuery(query: Record<string, string>, user: string): Kept<Record<string, string>> {
  const budget = new Budget(MAX_BODY);
  const kept: Record<string, string> = {};
  let unknown = 0;
  for (const [name, value] of Object.entries(query)) {
    if (PARAMETERS.includes(name)) kept[name] = String(filter(value, budget) ?? shapeOf(value));
    else if (SECRET_PARAMETERS.includes(name)) kept[name] = MASK;
    else if (name === "username") kept[name] = value === user ? user : MASK;
    else unknown++;
  }
  if (unknown > 0) kept["(unknown parameters)"] = String(unknown);
  return { value: kept, cut: budget.cut };
}

/** Null stands for "not set" everywhere. What is not of its field's type is told as such. */
function fields(known: Record<string, Reader>): Reader {
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

function listOf(read: Reader): Reader {
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

function oneOf(...readers: Reader[]): Reader {
  return (value, budget) => {
    for (const read of readers) {
      const kept = read(value, budget);
      if (kept !== undefined) return kept;
    }
    return undefined;
  };
}

function shapeOf(value: unknown): unknown {
  if (value === null) return null;
  if (typeof value === "string") return `(a text of ${value.length} characters)`;
  if (Array.isArray(value)) return `(a list of ${value.length})`;
  if (typeof value === "object") return `(an object of ${Object.keys(value).length})`;
  return `(a ${typeof value})`;
}

/** What a consumer key may be used for. */

export type OvhMethod = "GET" | "POST" | "PUT" | "DELETE";

/**
 * One method on a path, which is that of the API without `/1.0`. `*` stands for any text, slashes too: `/me/*` does not
 * allow `/me`, and `/*` allows all.
 */
export interface AccessRule {
  method: OvhMethod;
  path: string;
}

const READ_ONLY = ["GET"] as const;
const READ_WRITE_SAFE = ["GET", "POST", "PUT"] as const;
const READ_WRITE = ["GET", "POST", "PUT", "DELETE"] as const;

/**
 * Rules for a path and all that is below it, by what may be done there; `/` is all of the API.
 *
 * @example
 * client.requestConsumerKey([...rules.readOnly("/me"), ...rules.readWrite("/domain/zone/example.org")]);
 */
export const rules = {
  /** GET. */
  readOnly: (path: string) => recursive(READ_ONLY, path),
  /** GET, POST and PUT: all but deleting. */
  readWriteSafe: (path: string) => recursive(READ_WRITE_SAFE, path),
  /** GET, POST, PUT and DELETE. */
  readWrite: (path: string) => recursive(READ_WRITE, path),
  /** These methods on a path and on all that is below it. */
  recursive,
  /** These methods on this path alone, which may hold a `*` itself. */
  exactly,
};

/** Whether one of the rules is for this method and path. */
export function isAllowed(allowed: readonly AccessRule[], method: OvhMethod, path: string): boolean {
  return allowed.some(rule => rule.method === method && patternOf(rule.path).test(path));
}

function patternOf(path: string): RegExp {
  const parts = path.split("*").map(part => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

function recursive(methods: readonly OvhMethod[], path: string): AccessRule[] {
  const root = path.replace(/[*/ ]+$/, "");
  return [...(root === "" ? [] : exactly(methods, root)), ...exactly(methods, `${root}/*`)];
}

function exactly(methods: readonly OvhMethod[], path: string): AccessRule[] {
  if (!path.startsWith("/"))
    throw new TypeError(`The path of a rule begins with a slash, and ${JSON.stringify(path)} does not.`);
  return methods.map(method => ({ method, path }));
}

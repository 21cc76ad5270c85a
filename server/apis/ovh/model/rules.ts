/** What a credential may do: a method and a path, in which `*` stands for any text, slashes included. */
import type { Rule } from "./records";

export const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;

export const FULL_RIGHTS: readonly Rule[] = METHODS.map(method => ({ method, path: "/*" }));

/** `path` is the API's, without `/1.0` and query. One slash at its end does not count. */
export function isGranted(rules: readonly Rule[], method: string, path: string): boolean {
  const asked = withoutSlash(path);
  return rules.some(rule => rule.method === method && pathMatches(rule.path, asked));
}

function pathMatches(pattern: string, path: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return withoutSlash(pattern) === path;
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.length - last.length >= at && path.endsWith(last);
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}

/** Faults on purpose: what a rule says, and which requests it is about. */

/** Before the request is carried out, or after it was (and stored) but before its answer leaves. */
export type When = "before" | "after";

/** An answer in place of the real one. */
export interface FaultAnswer {
  status: number;
  /** Value of the Retry-After header: seconds, or an HTTP date. */
  retryAfter?: number | string;
  /** An object is sent as JSON, a text as it is (so it may be broken JSON). Default: no body. */
  body?: object | string;
  /** Sent as text/html, as proxies do; true stands for a typical page. Wins over `body`. */
  html?: string | true;
  /** `after`: the change was made all the same. Default: `before`. */
  when?: When;
}

/**
 * Which API requests go wrong, and how. What is left out matches everything. Of several rules that match, the one
 * added first is applied, alone. Within a rule: `latency`, then `hold`, then one of `answer`, `cut` and `drop`.
 */
export interface FaultRule {
  /** Which API's requests, where a server has several: `tutum`. */
  api?: string;
  /** As in `POST`. */
  method?: string;
  /** Path without query; `*` is one segment, `**` at the end any number: `/api/v1/container/*`, `/api/**`. */
  path?: string;
  /** How many requests it is applied to. Default: all, until it is removed. */
  times?: number;
  /** Share of the requests it is applied to, 0 to 1. Default: 1. */
  probability?: number;
  /** Makes the requests chosen by `probability` repeatable. Default: 1. */
  seed?: number;
  /** Milliseconds (of the server's clock) to wait first. */
  latency?: number;
  /** Holds the request, or its finished answer, until the rule is released or removed. */
  hold?: When;
  answer?: FaultAnswer;
  /** The real answer breaks off after this many bytes of its body. */
  cut?: number;
  /** The connection is reset. */
  drop?: When;
}

export function matches(rule: FaultRule, method: string, path: string): boolean {
  if (rule.method !== undefined && rule.method.toUpperCase() !== method) return false;
  return rule.path === undefined || pathMatches(segments(rule.path), segments(path));
}

function pathMatches(pattern: string[], path: string[]): boolean {
  const open = pattern.at(-1) === "**";
  const fixed = open ? pattern.slice(0, -1) : pattern;
  if (open ? path.length < fixed.length : path.length !== fixed.length) return false;
  return fixed.every((segment, at) => segment === "*" || segment === path[at]);
}

/** Slashes at the end don't count, as for the API itself. */
function segments(path: string): string[] {
  return path.split("/").filter(segment => segment !== "");
}

/** A value as a report may show it. */
export type Shown =
  | { kind: "value"; text: string }
  | { kind: "secret" }
  | { kind: "unknown" }
  | { kind: "none" };

/** One property of a resource that changes, old and new. */
export interface PropertyChange {
  /** `containerEnvvars`. */
  field: string;
  /** `containerEnvvars.WP_LANG`. */
  path: string;
  from: Shown;
  to: Shown;
  forcesReplacement: boolean;
}

/** Undefined where it is hidden, unknown or absent. */
export function textOf(shown: Shown): string | undefined {
  return shown.kind === "value" ? shown.text : undefined;
}

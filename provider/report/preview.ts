/** What one `pulumi preview` said, whichever of its JSON forms it came in. */

export type Values = Record<string, unknown>;

/** The digest's and the event stream's state of a resource, as far as a report needs it. */
export interface ResourceState {
  id?: string;
  parent?: string;
  inputs?: Values;
  outputs?: Values;
  /** URNs by property; only the digest has them. */
  propertyDependencies?: Record<string, string[]>;
  /** Whether it stays on the server when it leaves the program. */
  retainOnDelete?: boolean;
  /** Whether the program forbids to delete it. */
  protect?: boolean;
  pendingReplacement?: boolean;
}

export interface Step {
  /** The engine's name of it: `create`, `same`, `create-replacement`, `refresh`, … */
  op: string;
  urn: string;
  oldState?: ResourceState;
  newState?: ResourceState;
  /** Properties that changed. Not to be believed alone: order and spelling count as changes here. */
  diffReasons: string[];
  /** Properties that force the replacement. */
  replaceReasons: string[];
  /** Paths of values that the engine found changed: the only trace of a change of a secret. */
  changedPaths: string[];
}

export interface Diagnostic {
  severity: "error" | "warning";
  message: string;
  urn?: string;
  /** The policy that was violated. */
  policy?: string;
}

export interface Preview {
  /** Where it was read from: a file's name, or `standard input`. */
  source: string;
  project: string;
  stack: string;
  /** In the engine's order. */
  steps: Step[];
  diagnostics: Diagnostic[];
  /** How many resources by operation, those included that are not among the steps. */
  counts: Record<string, number>;
  failed: boolean;
}

/** In place of a preview that said nothing that can be read. */
export function failedPreview(source: string, message: string): Preview {
  const diagnostics: Diagnostic[] = [{ severity: "error", message }];
  return { source, project: "", stack: source, steps: [], diagnostics, counts: {}, failed: true };
}

/** Type of the resource: its own, without those of its parents. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Name of the resource; it may itself hold `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

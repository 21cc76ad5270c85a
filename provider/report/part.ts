/**
 * A preview of a part of the stack. Neither a digest nor events say that it was one: what was not looked at counts as
 * unchanged in them. So whoever made the preview says it once more.
 */
import { join, list, type Phrase, say } from "./phrase";
import { nameOf } from "./preview";

/** What `pulumi preview` was limited to: URNs, or patterns of them, as it was told. */
export interface Part {
  targets: readonly string[];
  excludes: readonly string[];
  /** Also what depends on them. */
  dependents: boolean;
}

export function lookedAt({ targets, excludes, dependents }: Part): Phrase {
  const limit = (word: string, patterns: readonly string[], option: string): Phrase[] => {
    if (patterns.length === 0) return [];
    const named = list(patterns.map(each => say`${nameIn(each)}`));
    return [say`${[word]} ${named}${[dependents ? " and what depends on it" : ""]} (${option})`];
  };
  const limits = [...limit("only", targets, "--target"), ...limit("not", excludes, "--exclude")];
  return say`Looked at: ${join(limits, ", ")}. What the program changes elsewhere is not in this report, and counts as unchanged.`;
}

/** A pattern as it is. */
function nameIn(urn: string): string {
  return urn.includes("*") ? urn : nameOf(urn) || urn;
}

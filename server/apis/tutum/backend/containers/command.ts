/** Commands are lists for an engine and text for the API: split and joined as a shell would, but no shell runs. */
import { join, split } from "shlex";

/** Throws when a quote is not closed. */
export function splitCommand(text: string): string[] {
  return split(text);
}

export function joinCommand(words: readonly string[] | null | undefined): string {
  return join([...(words ?? [])]);
}

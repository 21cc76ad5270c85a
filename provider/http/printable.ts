import { stripVTControlCharacters } from "node:util";

// Control characters but newline and tab, and those that turn the direction of writing.
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** Text from elsewhere made harmless for a terminal: no escapes, no controls, nothing that reorders a line. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(UNPRINTABLE, "");
}

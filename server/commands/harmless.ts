/**
 * What clients send ends up in logs, and logs in terminals: control characters could move the cursor, and those for
 * the direction of text could make a line read as another one. Here they become visible (`\u001b`).
 */
/** A stranger's path may be 16 kB long. */
const LONGEST = 2_000;
const DANGEROUS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

export function harmless(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, harmlessValue(value)]));
}

function harmlessValue(value: unknown): unknown {
  if (typeof value === "string") return harmlessText(value);
  if (Array.isArray(value)) return value.map(harmlessValue);
  if (typeof value === "object" && value !== null) return harmless(value as Record<string, unknown>);
  return value;
}

/** Line feeds stay: a stack has them, and in JSON they are escaped anyway. */
function harmlessText(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
  return short.replace(DANGEROUS, character =>
    character === "\n" ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

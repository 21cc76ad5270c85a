/** What an error body only says of itself: `error: …` means no more than its value. */
export type Wrappers = readonly string[];

/** The words in an error body of whatever shape, in one line; "" when there are none. */
export function serverMessage(body: unknown, wrappers: Wrappers): string {
  return [...words(body, wrappers)].join("; ").replace(/\s+/g, " ").slice(0, 500);
}

function* words(body: unknown, wrappers: Wrappers, path: readonly string[] = []): Generator<string> {
  if (typeof body === "string") {
    if (body.trim() !== "") yield path.length > 0 ? `${path.join(".")}: ${body}` : body;
  } else if (Array.isArray(body)) {
    for (const item of body) yield* words(item, wrappers, path);
  } else if (body !== null && typeof body === "object") {
    for (const [key, value] of Object.entries(body)) {
      if (key === "traceback") continue;
      const wraps = path.length === 0 && wrappers.includes(key);
      yield* words(value, wrappers, wraps ? path : [...path, key]);
    }
  }
}

/**
 * The text with every secret in it redacted, in each form in which programs quote one: no character is left that any of
 * them covers, also where one is part of another. Very short ones are left: they would blot out the text itself.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.filter(isLong).flatMap(formsOf));
  const covered = [...forms].flatMap(form => occurrences(text, form)).sort((one, other) => one[0] - other[0]);
  let shown = "";
  let end = 0;
  for (const [from, to] of covered) {
    if (from >= end) shown += `${text.slice(end, from)}***`;
    end = Math.max(end, to);
  }
  return shown + text.slice(end);
}

/** The same value, with every text and every key in it redacted. */
export function redactWithin(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return redact(value, secrets);
  if (Array.isArray(value)) return value.map(item => redactWithin(item, secrets));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, item]) => [
    redact(key, secrets),
    redactWithin(item, secrets),
  ]);
  return Object.fromEntries(entries);
}

function isLong(secret: string): boolean {
  return secret.length > 3;
}

/** As it is, line by line, in JSON (some write `&`, `<` and `>` as escapes there), and in a URL. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const escaped = json.replace(/[&<>]/g, one => `\\u00${one.charCodeAt(0).toString(16)}`);
  const lines = secret.split(/\r?\n/).filter(line => line.trim().length > 7);
  // Half of a pair of surrogates has no form in a URL.
  const url = encodeURIComponent(secret.replace(/\p{Cs}/gu, "\ufffd"));
  return [secret, ...lines, json, escaped, url].filter(isLong);
}

function occurrences(text: string, form: string): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    found.push([at, at + form.length]);
  return found;
}

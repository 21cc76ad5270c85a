/**
 * What a report never shows: what the engine marks as secret, on both sides of a change; values whose name or form
 * is that of a secret; and the same texts wherever else they occur, in a message of an error, say.
 */
import { looksSecret } from "../resource/secret-names";
import { SIGNATURE, SPECIAL } from "../resource/special-values";
import type { Step, Values } from "./preview";

export interface Masking {
  /** Values whose path matches are hidden, and what matches in any text. */
  mask?: RegExp[];
  /** Names that are hidden only if the engine marks them secret, whatever they look like. */
  unmask?: string[];
}

/** What the digest has in place of a secret. */
const BLINDED = "[secret]";
const NOT_SECRET = new Set<string>([SPECIAL.asset, SPECIAL.archive, SPECIAL.resource]);

const SECRET_FORM = [
  /:\/\/[^\s/@]*:[^\s/@]+@/, // user and password in a URL
  /-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)/,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\./, // a signed token
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|AKIA|ASIA|pul-)[\w-]{8,}/,
  /\b[0-9a-f]{32,}\b/i, // a key in hexadecimal: too few different characters to look random
  /(?:^|[\s?&;,{"'-])(?:pass(?:word|wd)?|secret|token|api-?key|auth)["']?[=:\s]\s*\S/i,
];
/** The same where they stand in a sentence: what is hidden of each. */
const IN_SENTENCES: [RegExp, string][] = [
  [/(:\/\/[^\s/@:]*:)[^\s/@]+(?=@)/g, "$1***"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)/gs, "***"],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, "***"],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|AKIA|ASIA|pul-)[\w-]{8,}/g, "***"],
];
/** Bits per character; of 24 random ones in base 64 it is about 4.3, of words in English below 3.5. */
const ENTROPY = 3.6;
const RANDOM_TEXT = /[A-Za-z0-9+/_-]{20,}/g;

/** Whether the engine says so, of the value or of anything inside it. What it marks in an unknown way counts, too. */
export function isSecret(value: unknown): boolean {
  if (value === BLINDED) return true;
  if (value === null || typeof value !== "object") return false;
  if (isMarked(value) && !NOT_SECRET.has(String((value as Values)[SIGNATURE]))) return true;
  return Object.values(value).some(isSecret);
}

/** Whether it stands for a value that JSON has no form for. */
export function isMarked(value: object): boolean {
  return Object.hasOwn(value, SIGNATURE);
}

/** Whether a value with this path (`containerEnvvars.API_TOKEN`) is to be hidden, though the engine shows it. */
export function isSuspicious(path: string, value: unknown, masking: Masking): boolean {
  if (masking.mask?.some(pattern => pattern.test(path))) return true;
  const name = path.split(".").at(-1) ?? path;
  if (masking.unmask?.includes(name) || value === undefined) return false;
  if (path.includes(".") && looksSecret(name, value)) return true;
  return texts(value).some(hasSecretForm);
}

/** A message of a program without the tokens and passwords that can be told by their form. */
export function withoutSecretForms(message: string): string {
  return IN_SENTENCES.reduce((shown, [form, instead]) => shown.replace(form, instead), message);
}

/** Passwords in addresses and words too random to be words. */
function hasSecretForm(text: string): boolean {
  if (SECRET_FORM.some(form => form.test(text))) return true;
  return (text.match(RANDOM_TEXT) ?? []).some(word => /\d/.test(word) && entropy(word) >= ENTROPY);
}

function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, n) => bits - (n / text.length) * Math.log2(n / text.length), 0);
}

/** Replaces in texts what is hidden elsewhere, and what matches `--mask`. */
export type Redact = (text: string) => string;

const REDACTED = "***";
/** Shorter texts would redact words that merely look alike. */
const SHORTEST = { certain: 4, suspected: 8 };

export function redactor(steps: readonly Step[], masking: Masking): Redact {
  const hidden = new Set<string>();
  for (const { oldState, newState } of steps) {
    collect("", oldState?.inputs, newState?.inputs, masking, hidden);
    collect("", oldState?.outputs, newState?.outputs ?? newState?.inputs, masking, hidden);
  }
  // The longest first: one may be a part of another.
  const all = [...hidden].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return text => {
    const redacted = all.reduce((shown, secret) => shown.replaceAll(secret, REDACTED), text);
    return (masking.mask ?? []).reduce(
      (shown, pattern) => shown.replace(global(pattern), REDACTED),
      redacted,
    );
  };
}

function global(pattern: RegExp): RegExp {
  return pattern.flags.includes("g") ? pattern : new RegExp(pattern, `${pattern.flags}g`);
}

/** The plain texts at paths where either side is hidden. */
function collect(path: string, old: unknown, current: unknown, masking: Masking, hidden: Set<string>): void {
  const certain = isBlinded(old) || isBlinded(current);
  if (certain || isLeaf(old) || isLeaf(current)) {
    const suspected = [old, current].some(side => isLeaf(side) && isSuspicious(path, side, masking));
    if (!certain && !suspected) return;
    const shortest = certain ? SHORTEST.certain : SHORTEST.suspected;
    for (const text of [...texts(old), ...texts(current)])
      if (text.length >= shortest && text !== BLINDED) hidden.add(text);
    return;
  }
  const sides = [old, current].map(side => (side ?? {}) as Values);
  for (const key of new Set(sides.flatMap(Object.keys))) {
    if (key === "__provider") continue;
    const inner = path === "" || Array.isArray(old ?? current) ? path || key : `${path}.${key}`;
    collect(inner, sides[0]?.[key], sides[1]?.[key], masking, hidden);
  }
}

function isBlinded(value: unknown): boolean {
  return value === BLINDED || (isSecret(value) && isMarked(value as object));
}

function isLeaf(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== "object";
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(texts);
}

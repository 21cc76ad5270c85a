import { redact } from "../../http/redact";
import type { Values } from "./field";
import { UNKNOWN } from "./unknown";

/** What of the inputs is a secret in the program. */
export interface Secrets {
  /** Whether the input is or holds one: then nothing of its value is told. */
  within(name: string): boolean;
  /** Whether what the path leads to is one, or is inside of one. */
  cover(name: string, keys: readonly unknown[]): boolean;
}

/**
 * Blots arguments that are secrets out of a text: errors and warnings name what they are about, which may be one. Very
 * short ones only where they stand as a word: they would blot out the text itself. The values of a record, as of
 * environment variables, are in no text that is made of arguments.
 */
export function withoutSecrets(...given: Values[]): (text: string) => string {
  const secrets = given.flatMap(values =>
    namesIn(values).flatMap(name => (isRecord(values[name]) ? [] : textsIn(values[name]))),
  );
  const words = secrets.filter(secret => secret !== "" && secret.length <= 3);
  return text =>
    words.reduce(
      (shown, secret) => {
        const word = new RegExp(`(?<![\\w-])${secret.replace(/\W/g, "\\$&")}(?![\\w-])`, "g");
        return shown.replace(word, "***");
      },
      redact(text, secrets),
    );
}

function namesIn({ secretInputs, ...values }: Values): string[] {
  if (secretInputs === UNKNOWN) return Object.keys(values);
  return Array.isArray(secretInputs) ? secretInputs.map(String) : [];
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && !Array.isArray(value);
}

/** The short ones also as they stand in JSON, by which most messages show a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [...new Set([value, JSON.stringify(value).slice(1, -1)])];
  if (typeof value === "number") return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** From `secretInputs`, in which the resource's class tells: the host hands over values, and not that they are secret. */
export function secretsOf({ secretInputs }: Values): Secrets {
  if (secretInputs === UNKNOWN) return { within: () => true, cover: () => true };
  const paths = Array.isArray(secretInputs) ? secretInputs.map(String) : [];
  return {
    within: name => paths.some(path => path === name || path.startsWith(`${name}.`)),
    cover: (name, keys) => paths.includes(name) || paths.includes([name, ...keys].join(".")),
  };
}

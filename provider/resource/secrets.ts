import type { Values } from "./field";
import { UNKNOWN } from "./unknown";

/** What of the inputs is a secret in the program. */
export interface Secrets {
  /** Whether the input is or holds one: then nothing of its value is told. */
  within(name: string): boolean;
  /** Whether what the path leads to is one, or is inside of one. */
  cover(name: string, keys: readonly unknown[]): boolean;
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

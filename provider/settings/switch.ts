const VALUES: Record<string, boolean> = { true: true, "1": true, false: false, "0": false, "": false };

/**
 * Whether a switch is on. One that is misspelt is an error: a guard that somebody meant to set must not be off.
 * @throws with the switch's name, its value and what it may be.
 */
export function isOn(name: string, text: string | undefined): boolean {
  const value = VALUES[text ?? ""];
  if (value !== undefined && Object.hasOwn(VALUES, text ?? "")) return value;
  throw new Error(`${name} must be true or false, not ${JSON.stringify(text)}.`);
}

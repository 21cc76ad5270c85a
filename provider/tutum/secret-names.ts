const SECRET_NAME =
  /pass|pwd|secret|token|key|credential|auth|private|cert|salt|dsn|cookie|session|signature|license|webhook/i;
/** What people set to numbers, too. */
const PASSWORD_NAME = /pass|pwd|secret|token|credential|private/i;
const NO_SECRET = /^(?:true|false|yes|no|on|off|null|none|)$/i;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * Whether a variable or argument of this name is likely to hold a secret: not if its value is empty or a boolean, and
 * a number only under the name of a password. Taking too many for secrets only hides them.
 */
export function looksSecret(name: string, value?: unknown): boolean {
  if (!SECRET_NAME.test(name)) return false;
  if (value === undefined) return true;
  const text = String(value);
  return !NO_SECRET.test(text) && (PASSWORD_NAME.test(name) || !NUMBER.test(text));
}

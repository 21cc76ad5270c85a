const SECRET_NAME =
  /pass|pwd|secret|token|key|credential|auth|private|cert|salt|dsn|cookie|session|signature|license|webhook/i;
/** What people set to numbers, too. */
const PASSWORD_NAME = /pass|pwd|secret|token|credential|private/i;
const NO_SECRET = /^(?:true|false|yes|no|on|off|null|none|)$/i;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
const ADDRESS_WITH_PASSWORD = /:\/\/[^\s/@:]*:[^\s/@]+@/;

/**
 * Whether a variable or argument is likely to hold a secret: by its name, but not if its value is empty or a boolean,
 * and a number only under the name of a password; or as an address with a password. Taking too many for secrets only
 * hides them.
 */
export function looksSecret(name: string, value?: unknown): boolean {
  if (value === undefined) return SECRET_NAME.test(name);
  const text = String(value);
  if (ADDRESS_WITH_PASSWORD.test(text)) return true;
  if (!SECRET_NAME.test(name) || NO_SECRET.test(text)) return false;
  return PASSWORD_NAME.test(name) || !NUMBER.test(text);
}

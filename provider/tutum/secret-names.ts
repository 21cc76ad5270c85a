const SECRET_NAME =
  /pass|pwd|secret|token|key|credential|auth|private|cert|salt|dsn|cookie|session|signature|license|webhook/i;

/** Whether a variable or argument of this name is likely to hold a secret. Taking too many for secrets only hides them. */
export function looksSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

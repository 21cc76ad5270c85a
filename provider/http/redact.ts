/** The text with every secret in it redacted. Very short ones are left: they would blot out the text itself. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter(secret => secret.length > 3)
    .reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
}

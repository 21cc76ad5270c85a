/** What a disk's refusal means, in words that say what to do. */

export function isFull(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

export function reasonOf(error: unknown): string {
  if (isFull(error)) return "the disk is full: make room on it, then try again";
  const message = error instanceof Error ? error.message : String(error);
  if (codeOf(error) === "EROFS") return `the disk can only be read (${message})`;
  return message;
}

export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

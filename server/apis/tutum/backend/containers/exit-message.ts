/** What to say of an end besides its code; undefined when the code says it all. */
export function exitMessage({
  OOMKilled,
  Error: words,
}: {
  OOMKilled?: boolean;
  Error?: string;
}): string | undefined {
  if (OOMKilled) return "Out of memory";
  return words || undefined;
}

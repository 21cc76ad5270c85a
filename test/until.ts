/** Looks again and again until there is what is looked for, for at most 20 seconds. */
export async function until<T>(
  fact: () => T | undefined | false | Promise<T | undefined | false>,
  what = `this gives something: ${fact}`,
  patience = 20_000,
): Promise<T> {
  for (const end = Date.now() + patience; ; ) {
    const found = await fact();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`It did not come about that ${what}.`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}

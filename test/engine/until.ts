/** Looks again and again until the condition holds, for at most half a minute. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patience = 30_000,
): Promise<void> {
  const end = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It did not come about that ${what}.`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

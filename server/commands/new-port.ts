/** Says so when a server does not answer where it did before: whoever wrote the old address down has to know. */
export function reportNewPort(before: number | undefined, url: string): void {
  const now = Number(new URL(url).port);
  if (before === undefined || before === now) return;
  console.error(`tutum-server: port ${before} is in use by another program: from now on it is ${now}`);
}

const collator = new Intl.Collator("en", { numeric: true });

/** As people sort: `app-2` before `app-12`. Never 0 for two names that differ. */
export function byName(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

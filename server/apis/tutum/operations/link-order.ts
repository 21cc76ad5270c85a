/** The order in which linked applications are created. The provider sorts in the same way and words a circle alike. */

/**
 * Each name after those that it links to, so that their variables exist; else in the order given. `onCircle` is called
 * with each circle that a link closes, and may throw.
 */
export function linkOrder(
  names: Iterable<string>,
  targetsOf: (name: string) => Iterable<string>,
  onCircle: (circle: readonly string[]) => void,
): string[] {
  const ordered = new Set<string>();
  for (const first of names) {
    // Without recursion: a chain may be as long as a seed has applications.
    const open = new Map<string, Iterator<string>>();
    const path: string[] = [];
    const enter = (name: string) => {
      open.set(name, targetsOf(name)[Symbol.iterator]());
      path.push(name);
    };
    if (!ordered.has(first)) enter(first);
    for (let current = path.at(-1); current !== undefined; current = path.at(-1)) {
      const next = open.get(current)?.next();
      if (!next || next.done) {
        open.delete(current);
        path.pop();
        ordered.add(current);
      } else if (open.has(next.value)) {
        onCircle([...path.slice(path.indexOf(next.value)), next.value]);
      } else if (!ordered.has(next.value)) {
        enter(next.value);
      }
    }
  }
  return [...ordered];
}

/** The sentence before it ends in "go in" or "closes". */
export function describeCircle(names: readonly string[]): string {
  return `a circle, ${names.join(" -> ")}: one has to be first`;
}

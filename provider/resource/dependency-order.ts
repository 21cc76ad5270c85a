/**
 * All of them, each after those that it needs; else in the order given. Where they need each other in a circle, `onCircle`
 * is told of each need that closes one, and such a need is passed over.
 */
export function dependencyOrder<T>(
  all: Iterable<T>,
  needsOf: (one: T) => Iterable<T>,
  onCircle: (circle: readonly T[]) => void = () => undefined,
): T[] {
  const ordered = new Set<T>();
  for (const first of all) {
    // Without recursion: a chain may be as long as a stack has resources.
    const open = new Map<T, Iterator<T>>();
    const way: T[] = [];
    const enter = (one: T) => {
      open.set(one, needsOf(one)[Symbol.iterator]());
      way.push(one);
    };
    if (!ordered.has(first)) enter(first);
    while (way.length > 0) {
      const current = way.at(-1) as T;
      const { done, value } = (open.get(current) as Iterator<T>).next();
      if (done) {
        open.delete(current);
        way.pop();
        ordered.add(current);
      } else if (open.has(value)) {
        onCircle([...way.slice(way.indexOf(value)), value]);
      } else if (!ordered.has(value)) {
        enter(value);
      }
    }
  }
  return [...ordered];
}

/** What is said of a circle, whoever found it: the sentence before it ends in "go in", or "closes". */
export function describeCircle(names: readonly string[]): string {
  return `a circle, ${names.join(" -> ")}: one has to be first`;
}

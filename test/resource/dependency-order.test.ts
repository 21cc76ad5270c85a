import fc from "fast-check";
import { dependencyOrder, describeCircle } from "../../provider/resource/dependency-order";

const needing = (needs: Record<string, string[]>) => (name: string) => needs[name] ?? [];

describe("an order by what each needs", () => {
  test("each comes after those that it needs, else in the order given", () => {
    expect(dependencyOrder(["web", "db", "cache"], needing({ web: ["cache", "db"] }))).toEqual([
      "cache",
      "db",
      "web",
    ]);
  });

  test("a circle is told from where it is closed, and everything is still in the order once", () => {
    const circles: string[] = [];
    const order = dependencyOrder(["a", "b", "c"], needing({ a: ["b"], b: ["c"], c: ["b", "c"] }), circle =>
      circles.push(describeCircle(circle)),
    );
    expect(circles).toEqual([
      "a circle, b -> c -> b: one has to be first",
      "a circle, c -> c: one has to be first",
    ]);
    expect(order).toEqual(["c", "b", "a"]);
  });

  test("a chain may be as long as a stack has resources", () => {
    const all = Array.from({ length: 50_000 }, (_, n) => n);
    const order = dependencyOrder(all, n => (n + 1 < all.length ? [n + 1] : []));
    expect(order).toEqual([...all].reverse());
  });

  test("of whatever need each other: each once, and a need that is not kept is in a circle", () => {
    const size = 8;
    const graph = fc.array(fc.uniqueArray(fc.nat(size - 1)), { minLength: size, maxLength: size });
    fc.assert(
      fc.property(graph, needs => {
        const closing = new Set<string>();
        const order = dependencyOrder(
          needs.keys(),
          n => needs[n] ?? [],
          circle => {
            const ways = circle.slice(1).map((to, n) => [circle[n] ?? -1, to] as const);
            expect(ways.every(([from, to]) => needs[from]?.includes(to))).toBe(true);
            expect(circle[0]).toBe(circle.at(-1));
            closing.add(circle.slice(-2).join());
          },
        );
        expect([...order].sort()).toEqual([...needs.keys()].sort());
        for (const [from, targets] of needs.entries())
          for (const to of targets)
            expect(order.indexOf(to) < order.indexOf(from)).toBe(!closing.has([from, to].join()));
      }),
    );
  });
});

import { everyPage } from "../../provider/http/paging";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("paging over a cursor", () => {
  test("numbers: pages until the last, an empty one in between is none", async () => {
    const pages = [["a", "b"], [], ["c"]];
    const asked: number[] = [];
    const page = async (number: number) => {
      asked.push(number);
      return { items: pages[number - 1] ?? [], next: number < pages.length ? number + 1 : undefined };
    };
    expect(await all(everyPage(1, page))).toEqual(["a", "b", "c"]);
    expect(asked).toEqual([1, 2, 3]);
  });

  test("whatever a cursor is: a query of the server's own", async () => {
    const page = async (query: Record<string, string>) =>
      query.after === "x" ? { items: [2], next: undefined } : { items: [1], next: { ...query, after: "x" } };
    expect(await all(everyPage<number, Record<string, string>>({ size: "1" }, page))).toEqual([1, 2]);
  });

  test("no page is asked for before its items are wanted", async () => {
    const asked: number[] = [];
    const page = async (number: number) => {
      asked.push(number);
      return { items: [number], next: number + 1 };
    };
    for await (const item of everyPage(1, page)) if (item === 2) break;
    expect(asked).toEqual([1, 2]);
  });

  test.each<[string, (number: number) => number]>([
    ["the same page again and again", () => 1],
    ["two pages in a circle", number => 3 - number],
    ["one page more each time", number => number + 1],
  ])("part of a list is never taken for all of it: %s is an error", async (_what, next) => {
    const page = async (number: number) => ({ items: [number], next: next(number) });
    await expect(all(everyPage(1, page, 50))).rejects.toThrow("does not come to an end");
  });

  test("a page that fails ends the list with its error", async () => {
    const page = async (number: number) => {
      if (number === 2) throw new Error("lost");
      return { items: [number], next: number + 1 };
    };
    await expect(all(everyPage(1, page))).rejects.toThrow("lost");
  });
});

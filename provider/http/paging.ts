import { UnexpectedResponse } from "./decode";

export interface CursorPage<T, C> {
  items: readonly T[];
  /** Where the next page begins; undefined after the last one. */
  next: C | undefined;
}

/** No list is as long: a server that goes on and on is not understood. */
const MOST_PAGES = 10_000;

/**
 * All items, page by page, by whatever tells an API where the next page begins: a number, a token, a query.
 * @throws {UnexpectedResponse} when the pages do not come to an end: part of a list never counts as all of it.
 */
export async function* everyPage<T, C>(
  first: C,
  page: (cursor: C) => Promise<CursorPage<T, C>>,
  mostPages = MOST_PAGES,
): AsyncGenerator<T> {
  const asked = new Set<string>();
  for (let cursor: C | undefined = first; cursor !== undefined; ) {
    const key = JSON.stringify(cursor);
    if (asked.has(key) || asked.size === mostPages) throw new UnexpectedResponse("does not come to an end");
    asked.add(key);
    const { items, next }: CursorPage<T, C> = await page(cursor);
    yield* items;
    cursor = next;
  }
}

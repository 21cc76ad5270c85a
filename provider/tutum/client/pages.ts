import type { Page } from "./types";

/** Which part of a list; `limit` is at most 100 (default: 25). */
export interface Slice {
  offset?: number;
  limit?: number;
}

/** The most the API gives at once. */
const PAGE_SIZE = 100;

/**
 * All objects, page by page. Only whether there is a next page is taken from the answer: its `next` is a server's
 * text, and never becomes an address. Stops on a page that is empty or begins like the one before: a server that
 * knows no `offset` would repeat itself for ever.
 */
export async function* everyPage<T extends { uuid: string }>(
  page: (slice: Slice) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let first: string | undefined;
  for (let offset = 0; ; ) {
    const { meta, objects } = await page({ offset, limit: PAGE_SIZE });
    if (objects.length === 0 || objects[0]?.uuid === first) return;
    first = objects[0]?.uuid;
    yield* objects;
    offset += objects.length;
    if (meta.next === null) return;
  }
}

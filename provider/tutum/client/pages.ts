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
 * text, and never becomes an address. Stops on an empty page, so that no server can make it endless.
 */
export async function* everyPage<T>(page: (slice: Slice) => Promise<Page<T>>): AsyncGenerator<T> {
  for (let offset = 0; ; ) {
    const { meta, objects } = await page({ offset, limit: PAGE_SIZE });
    yield* objects;
    offset += objects.length;
    if (meta.next === null || objects.length === 0) return;
  }
}

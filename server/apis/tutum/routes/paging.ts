import { matching, type Schema } from "../openapi/schema";
import { PAGE_NUMBER } from "../operations/lists";

/** Parameters of every list. They come as text, and what is no number is answered with 400. */
export const PAGING: Record<string, Schema> = {
  limit: matching(PAGE_NUMBER, "Objects on a page: 25 by default, at most 100; 0 means 100"),
  offset: matching(PAGE_NUMBER, "Objects before the page. Default: 0"),
};

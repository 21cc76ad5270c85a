import type { Schema } from "../openapi/schema";

/** Parameters of every list. They come as text, and what is no number is answered with 400. */
export const PAGING: Record<string, Schema> = {
  limit: { type: "string", description: "Objects on a page: 25 by default, at most 100; 0 means 100" },
  offset: { type: "string", description: "Objects before the page. Default: 0" },
};

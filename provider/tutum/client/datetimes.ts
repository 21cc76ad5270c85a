import type { Datetime } from "./types";

/** The API's text for a moment as a `Date`; null where it does not apply, or is no date. */
export function parseDatetime(text: Datetime | undefined): Date | null {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

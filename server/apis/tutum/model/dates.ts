import type { Datetime } from "../../../../provider/tutum/client/types";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** RFC 2822 in UTC with an unpadded day, the only form old clients can read: `Sun, 6 Apr 2014 17:59:42 +0000`. */
export function formatDatetime(milliseconds: number | null): Datetime {
  if (milliseconds === null) return null;
  const date = new Date(milliseconds);
  const time = date.toISOString().slice(11, 19);
  return `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${time} +0000`;
}

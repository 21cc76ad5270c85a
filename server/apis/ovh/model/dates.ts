/** `2014-01-31T10:00:00+01:00`: the time in Paris, as OVH writes it. */

const PARIS = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/Paris",
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "longOffset",
});

export function dateOf(milliseconds: number): string {
  const parts = new Map(PARIS.formatToParts(milliseconds).map(({ type, value }) => [type, value]));
  const [year, month, day, hour, minute, second] = PARTS.map(part => parts.get(part));
  const offset = (parts.get("timeZoneName") ?? "").replace("GMT", "");
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
}

const PARTS: Intl.DateTimeFormatPartTypes[] = ["year", "month", "day", "hour", "minute", "second"];

/** Names of the domain name system: lower case, without the final dot. */

const LABEL = /^[a-z0-9_*]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const MAX_NAME = 253;

export function isName(name: string): boolean {
  return name.length <= MAX_NAME && name.split(".").every(label => LABEL.test(label));
}

/** A name as zone files have it: absolute with a final dot, else relative to the zone; `@` is the zone itself. */
export function absolute(name: string, zone: string): string {
  const text = name.toLowerCase();
  if (text.endsWith(".")) return text.slice(0, -1);
  return text === "" || text === "@" ? zone : `${text}.${zone}`;
}

export function isBelow(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

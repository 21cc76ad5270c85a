/** How applications and containers are named: uuids and resource URIs. */
import { TutumLookupError } from "./errors";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const RESOURCE_URI = /^(?:https?:\/\/[^/]+)?\/api\/v1\/(?:application|container)\/([^/]+)\/?$/;

export type Noun = "application" | "container";

/** The uuid in a resource URI, or the text itself. */
export function uuidOf(reference: string): string {
  const uuid = RESOURCE_URI.exec(reference)?.[1] ?? reference;
  return isUuid(uuid) ? uuid.toLowerCase() : uuid;
}

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** `/api/v1/application/<uuid>/`. */
export function resourceUri(uuid: string, noun: Noun = "application"): string {
  return `/api/v1/${noun}/${uuid}/`;
}

/** Path of one object. Nothing but a uuid enters it: `..` would reach other endpoints. */
export function pathOf(noun: Noun, reference: string): string {
  const uuid = uuidOf(reference);
  if (isUuid(uuid)) return `${noun}/${uuid}/`;
  throw new TutumLookupError(
    `${JSON.stringify(reference)} is not the uuid or resource URI of ${noun === "application" ? "an" : "a"} ${noun}.`,
    [],
  );
}

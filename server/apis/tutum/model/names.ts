/** Names of things: URIs, DNS names, environment names, image references. */
import { IMAGE_REFERENCE, MAX_IMAGE } from "./patterns";
import type { ApplicationRecord, ContainerRecord } from "./records";

/** What names and addresses are made of, besides the objects themselves. */
export interface Naming {
  user: string;
  /** `tutum.io`: containers live under `<node>.tutum.io`, applications under `<region>.tutum.io`. */
  dnsDomain: string;
  region: string;
  /** Where `*_TUTUM_API_URL` variables point: `https://app.tutum.co`. */
  apiUrl: string;
}

export const applicationUri = (uuid: string) => `/api/v1/application/${uuid}/`;
export const containerUri = (uuid: string) => `/api/v1/container/${uuid}/`;

export function applicationDns(application: ApplicationRecord, naming: Naming): string {
  return `${application.uniqueName}-${naming.user}.${naming.region}.${naming.dnsDomain}`;
}

export function containerDns(container: ContainerRecord, naming: Naming): string {
  return `${container.uniqueName}-${naming.user}.${container.node}.${naming.dnsDomain}`;
}

/** `my-web-app` -> `MY_WEB_APP`. */
export function environmentPrefix(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9_]/g, "_");
}

/** Tag of an image that names none. */
export const DEFAULT_TAG = "latest";

/** `[registry/]namespace/name[:tag]`, or undefined when it is not one. */
export function parseImage(reference: string): { name: string; tag: string } | undefined {
  // The length is checked first: the pattern must not be run over a megabyte.
  const match = reference.length <= MAX_IMAGE ? IMAGE_REFERENCE.exec(reference) : null;
  return match?.[1] ? { name: match[1], tag: match[2] ?? DEFAULT_TAG } : undefined;
}

/** The name an application gets when none is given: the image's without registry, namespace and tag. */
export function defaultName(imageName: string): string {
  const last = imageName.slice(imageName.lastIndexOf("/") + 1);
  return last.replace(/[^A-Za-z0-9-]/g, "-").slice(0, 63);
}

/** Which registry an image comes from, as engines want to be told with the credentials for it. */
import type { ContainerSpec, ImageReference } from "../../model/backend";

export interface RegistryCredentials {
  username: string;
  password: string;
  serveraddress: string;
}

const DEFAULT_REGISTRY = "https://index.docker.io/v1/";

export function imageText({ name, tag }: ImageReference): string {
  return `${name}:${tag}`;
}

export function registryCredentials({ image, credentials }: ContainerSpec): RegistryCredentials | undefined {
  return credentials && { ...credentials, serveraddress: registryOf(image.name) };
}

/** The part before the first slash, when it looks like a host. */
export function registryOf(name: string): string {
  const first = name.slice(0, Math.max(0, name.indexOf("/")));
  return /[.:]/.test(first) || first === "localhost" ? first : DEFAULT_REGISTRY;
}

/** Names in the engine: those people know, made unique among the servers that use the same engine. */
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/;
/** A longer host name is refused by the kernel. */
const MAX_HOST_NAME = 63;

/** `web-1` -> `web-1.3f0c9a`: also a DNS name, and long enough for the engine. */
export function engineName(server: string, name: string): string {
  return `${name}.${server}`;
}

export function networkName(server: string): string {
  return `tutum.${server}`;
}

/** What a container calls itself. */
export function hostName(name: string): string {
  return name.slice(0, MAX_HOST_NAME).replace(/-+$/, "");
}

/** Names go into files of the container: a user's name may hold anything. */
export function isHostName(name: string): boolean {
  return name.length <= 253 && HOST_NAME.test(name);
}

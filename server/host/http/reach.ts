/** Who can connect to a server: this machine alone, or others too. */
import { isLoopbackName, nameOfOption } from "./host-names";

export interface Reach {
  /** The address that it listens on. */
  host: string;
  /** Other names that it answers to. */
  names: readonly string[];
  /** Proxies in front of it. */
  trustProxy: readonly string[];
}

export function isPublic({ host, names, trustProxy }: Reach): boolean {
  return !isLoopback(host) || names.length > 0 || trustProxy.length > 0;
}

/** Of an address or name as an option has it. */
export function isLoopback(host: string): boolean {
  return isLoopbackName(nameOfOption(host) ?? "");
}

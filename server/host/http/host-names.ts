/** Names and addresses of servers in one spelling: lower case, IPv6 in its shortest form in brackets, no final dot. */
import { isIP } from "node:net";

/** Of a `Host` header, with or without a port; undefined when it names no host. */
export function hostName(host: string | undefined): string | undefined {
  // Nothing that would make the rest something else than a host: a user, a path.
  if (host === undefined || !/^(\[[0-9a-f:.]+\]|[^\s:@/\\?#%[\]]+)(:\d*)?$/i.test(host)) return undefined;
  return URL.canParse(`http://${host}`) ? withoutDot(new URL(`http://${host}`).hostname) : undefined;
}

/** Of an `Origin` header; undefined for `null` and what is no page of the web. */
export function originName(origin: string): string | undefined {
  if (!/^https?:\/\//i.test(origin)) return undefined;
  return hostName(origin.replace(/^https?:\/\//i, ""));
}

/** Of an option: also an IPv6 address without brackets, with a zone or not. */
export function nameOfOption(host: string): string | undefined {
  const [address = ""] = bareAddress(host).split("%");
  return hostName(isIP(address) === 6 ? `[${address}]` : address);
}

/** An address as sockets take it: `[::1]` is `::1`. */
export function bareAddress(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** True for what names this machine to itself, of names in the one spelling. */
export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(name);
}

export function isAddressName(name: string): boolean {
  return isIP(bareAddress(name)) !== 0;
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}

/** The proxies in front of this server whose word on where a request came from is taken: addresses and networks. */
import { BlockList, isIP } from "node:net";
import { UserError } from "../errors";

export interface TrustedProxies {
  /** `address` is a socket's, as node tells it: an IPv4 client of an IPv6 listener is `::ffff:10.0.0.2`. */
  has(address: string | undefined): boolean;
}

/** Throws a `UserError` that names what is neither an address nor a network. */
export function trustedProxies(entries: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const entry of entries) add(list, entry);
  return {
    has(address) {
      if (address === undefined || entries.length === 0) return false;
      const plain = plainAddress(address);
      const version = isIP(plain);
      return version !== 0 && list.check(plain, version === 6 ? "ipv6" : "ipv4");
    },
  };
}

/** One spelling for one client: an IPv4 address without the form it has on an IPv6 listener, and no zone. */
export function plainAddress(address: string): string {
  const [plain = ""] = address.split("%");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain);
  return mapped?.[1] ?? plain;
}

/**
 * Who sent a request: the peer, or, as far as trusted proxies say so, the last address in `X-Forwarded-For` that is
 * none of them. What stands before that one is anybody's word.
 */
export function clientAddress(
  trusted: TrustedProxies,
  remote: string | undefined,
  forwardedFor: string | undefined,
): string | undefined {
  let client = remote === undefined ? undefined : plainAddress(remote);
  const named = (forwardedFor ?? "").split(",").map(name => name.trim());
  while (trusted.has(client)) {
    const before = named.pop();
    if (before === undefined || isIP(plainAddress(before)) === 0) break;
    client = plainAddress(before);
  }
  return client;
}

function add(list: BlockList, entry: string): void {
  const [address = "", bits, ...rest] = entry.split("/");
  const plain = plainAddress(address);
  const version = isIP(plain);
  const longest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? longest : Number(bits);
  const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && prefix <= longest);
  if (version === 0 || address.includes("%") || rest.length > 0 || !isPrefix)
    throw new UserError(`"${entry}" is not an address such as 10.0.0.2, nor a network such as 10.0.0.0/8`);
  list.addSubnet(plain, prefix, version === 6 ? "ipv6" : "ipv4");
}

/** The networks of a Compose file: which services reach which by name. */
import { differs, each, ignored, type Keys, keysOf, notSupported, reads } from "./key";
import type { Service } from "./service";
import type { Value } from "./value";

const ADDRESSES = "the server gives the addresses, others are reached by name";

/** A service on one of its networks: its other names there. */
const MEMBER_KEYS: Keys<string[]> = {
  aliases: reads((value, aliases) => {
    for (const item of value.oneOrMore()) {
      const alias = item.known();
      if (alias !== undefined) aliases.push(alias);
    }
  }),
  ...each("ipv4_address ipv6_address link_local_ips mac_address", differs(ADDRESSES)),
  interface_name: differs("the server names the interfaces"),
  ...each("driver_opts priority gw_priority", ignored("the server connects containers")),
};

export function networksOf(value: Value, service: Service): void {
  const networks = new Map<string, string[]>();
  if (value.isMap) {
    for (const { key, value: member } of value.entries()) {
      const aliases: string[] = [];
      keysOf(member, MEMBER_KEYS, aliases, "a service's network");
      networks.set(key, aliases);
    }
  } else {
    for (const item of value.oneOrMore()) {
      const name = item.known();
      if (name !== undefined) networks.set(name, []);
    }
  }
  if (networks.size > 0) service.networks = networks;
}

/** The keys of a network itself. */
const NETWORK_KEYS: Keys<unknown> = {
  name: reads(() => undefined),
  external: reads((value, _owner, at) => {
    if (value.raw !== "false" && !value.isNull)
      notSupported(at, "applications outside of this file are reached through `links` by their unique names");
  }),
  internal: differs("containers reach the outside"),
  driver: differs("containers have networks of the server's choice", "bridge", "overlay", "default"),
  ipam: ignored(ADDRESSES),
  ...each("driver_opts attachable enable_ipv4 enable_ipv6 labels", ignored("the server connects containers")),
};

export function networkDeclarations(value: Value): void {
  for (const { value: network } of value.entries()) keysOf(network, NETWORK_KEYS, undefined, "a network");
}

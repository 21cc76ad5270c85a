/** Where OVH's APIs are, and how a path is put behind an address. */
import { isLoopback } from "../../http/loopback";
import { OvhConfigError } from "./errors";

const ADDRESSES = {
  "ovh-eu": "https://eu.api.ovh.com/1.0",
  "ovh-ca": "https://ca.api.ovh.com/1.0",
  "ovh-us": "https://api.us.ovhcloud.com/1.0",
  "kimsufi-eu": "https://eu.api.kimsufi.com/1.0",
  "kimsufi-ca": "https://ca.api.kimsufi.com/1.0",
  "soyoustart-eu": "https://eu.api.soyoustart.com/1.0",
  "soyoustart-ca": "https://ca.api.soyoustart.com/1.0",
  "runabove-ca": "https://api.runabove.com/1.0",
} as const;

export type OvhEndpointName = keyof typeof ADDRESSES;

export const OVH_ENDPOINTS = Object.keys(ADDRESSES) as OvhEndpointName[];

/** Where tokens of OAuth2 come from. */
const TOKENS: Partial<Record<OvhEndpointName, string>> = {
  "ovh-eu": "https://www.ovh.com/auth/oauth2/token",
  "ovh-ca": "https://ca.ovh.com/auth/oauth2/token",
  "ovh-us": "https://us.ovhcloud.com/auth/oauth2/token",
};

export interface Endpoint {
  /** As files of settings call its section: a name, or the address itself. */
  name: string;
  /** Without a slash at its end: `https://eu.api.ovh.com/1.0`. */
  address: string;
  /** Where its tokens of OAuth2 come from, if it has any. */
  tokenAddress?: string;
  /** Where its users make the keys of an application. */
  createApp: string;
  /** What everybody who uses it should know. */
  warning?: string;
}

/** `source` says in messages where the text is from. */
export function endpointOf(text: string, source: string, allowInsecure = false): Endpoint {
  if (isName(text)) {
    const address = ADDRESSES[text];
    return {
      name: text,
      address,
      ...(TOKENS[text] !== undefined && { tokenAddress: TOKENS[text] }),
      createApp: `${new URL(address).origin}/createApp/`,
      ...(text === "runabove-ca" && {
        warning: "RunAbove is closed: its instances are OVH's Public Cloud now, /cloud/project of ovh-ca.",
      }),
    };
  }
  const url = addressOf(text, source, "An endpoint", OVH_ENDPOINTS, allowInsecure);
  const path = url.pathname.replace(/\/+$/, "");
  const address = `${url.origin}${path === "" ? "/1.0" : path}`;
  return { name: address, address, createApp: `${url.origin}/createApp/` };
}

/** Where a client asks for tokens, when it was told. */
export function tokenAddressOf(text: string, source: string, allowInsecure = false): string {
  return addressOf(text, source, "Where tokens come from", [], allowInsecure).href;
}

/** How paths are put behind an address. */
export interface PathOn {
  /** Ends in a slash. */
  base: string;
  /** What comes behind the base for a path: `/v1` and `/v2` take the place of `/1.0`. */
  of(path: string): string;
  /** The path for what came behind the base, without its query. */
  shown(behind: string): string;
}

export function pathOn(address: string): PathOn {
  const root = address.replace(/\/1\.0$/, "");
  const version = root === address ? "" : "1.0/";
  return {
    base: `${root}/`,
    of: path => (/^\/v[12](?=[/?]|$)/.test(path) ? path.slice(1) : version + path.slice(1)),
    shown: behind => `/${(behind.startsWith(version) ? behind.slice(version.length) : behind).split("?")[0]}`,
  };
}

function isName(text: string): text is OvhEndpointName {
  return Object.hasOwn(ADDRESSES, text);
}

function addressOf(
  text: string,
  source: string,
  what: string,
  names: readonly string[],
  allowInsecure: boolean,
): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol) || url.username || url.search || url.hash) {
    // An address is not shown: it may hold a password.
    const shown = /^[\w.-]{1,40}$/.test(text) ? JSON.stringify(text) : "something else";
    const known = names.length > 0 ? `one of ${names.join(", ")}, or ` : "";
    throw new OvhConfigError(
      `${what} must be ${known}an address like https://eu.api.ovh.com/1.0: ${source} has ${shown}.`,
    );
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowInsecure)
    throw new OvhConfigError(
      `${source} has plain http to another machine (${url.host}): keys would travel in clear. ` +
        "Use https, or set OVH_ALLOW_INSECURE=1 where the network is trusted.",
    );
  return url;
}

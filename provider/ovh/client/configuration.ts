/**
 * Where the API is and who asks it: endpoint and keys, each looked up separately in what was given in code, the
 * environment, the file that was named, `./ovh.conf`, `~/.ovh.conf` and `/etc/ovh.conf`.
 */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { iniSection } from "../../settings/ini-file";
import { environment, type Place, Places } from "../../settings/places";
import { isOn } from "../../settings/switch";
import { type Endpoint, endpointOf, OVH_ENDPOINTS, tokenAddressOf } from "./endpoints";
import { OvhConfigError } from "./errors";

/** What may be given in code, or in a stack's configuration. */
export interface OvhSettings {
  /** `ovh-eu`, another of `OVH_ENDPOINTS`, or an address. Else from `OVH_ENDPOINT`. */
  endpoint?: string;
  /** Else from `OVH_APPLICATION_KEY`. */
  applicationKey?: string;
  /** Else from `OVH_APPLICATION_SECRET`. */
  applicationSecret?: string;
  /** Else from `OVH_CONSUMER_KEY`. Only signed calls need it. */
  consumerKey?: string;
  /** Of OAuth2, in place of the other three keys. Else from `OVH_CLIENT_ID`. */
  clientId?: string;
  /** Else from `OVH_CLIENT_SECRET`. */
  clientSecret?: string;
}

export interface OvhSources extends OvhSettings {
  /** A file that comes before the others. */
  configFile?: string;
  /** Where tokens of OAuth2 come from, where the endpoint is an address. */
  tokenAddress?: string;
  /** Allow plain http to another machine. Default: only with `OVH_ALLOW_INSECURE=1`. */
  allowInsecure?: boolean;
  /** Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** What messages call the settings that are given. Default: `the options`. */
  givenAs?: string;
  /** Told what is worth knowing and no error. Default: `process.emitWarning`. */
  warn?(message: string): void;
}

/** The files, for tests; the first one that has a setting wins. */
export interface Folders {
  cwd: string;
  home: string;
  system: string;
}

/** The user's are those of the environment. */
export function foldersOf({ HOME }: NodeJS.ProcessEnv = process.env): Folders {
  return { cwd: process.cwd(), home: HOME || homedir(), system: "/etc" };
}

export interface Found {
  value: string;
  /** As messages name it. */
  place: string;
}

export interface WithApplication {
  endpoint: Endpoint;
  application: { key: string; secret: string; place: string };
  consumerKey: Found | undefined;
  /** Where the consumer key was looked for. */
  places: string;
}

export interface WithOAuth2 {
  endpoint: Endpoint;
  oauth2: { id: string; secret: string; tokenAddress: string };
}

export type OvhConfiguration = WithApplication | WithOAuth2;

const VARIABLES = {
  endpoint: "OVH_ENDPOINT",
  applicationKey: "OVH_APPLICATION_KEY",
  applicationSecret: "OVH_APPLICATION_SECRET",
  consumerKey: "OVH_CONSUMER_KEY",
  clientId: "OVH_CLIENT_ID",
  clientSecret: "OVH_CLIENT_SECRET",
} as const satisfies Record<keyof OvhSettings, string>;

type Setting = keyof typeof VARIABLES;

/** Names of the settings in files. */
export const IN_FILES = {
  endpoint: "endpoint",
  applicationKey: "application_key",
  applicationSecret: "application_secret",
  consumerKey: "consumer_key",
  clientId: "client_id",
  clientSecret: "client_secret",
} as const satisfies Record<Setting, string>;

export const USER_FILE = "~/.ovh.conf";
const SECTION_OF_ENDPOINT = "default";

/** Throws `OvhConfigError` naming every place that was looked at. */
export function resolveConfiguration(
  sources: OvhSources = {},
  folders: Folders = foldersOf(sources.env),
): OvhConfiguration {
  const endpoint = resolveEndpoint(sources, folders);
  const files = filesOf(sources, folders, endpoint.name);
  const places = placesFor(sources, files, PAIRS);
  const [application, secret] = pair(places, "applicationKey", "applicationSecret", "an application");
  const [client, clientSecret] = pair(places, "clientId", "clientSecret", "an OAuth2 client");
  if (application && client)
    throw new OvhConfigError(
      `Both an application key (${application.place}) and an OAuth2 client (${client.place}) are set for ${endpoint.name}: take one of them out.`,
    );
  if (application && secret) {
    const ofConsumerKey = placesFor(sources, files, ["consumerKey"]);
    return {
      endpoint,
      application: { key: application.value, secret: secret.value, place: application.place },
      consumerKey: printable(ofConsumerKey.find("consumerKey")),
      places: ofConsumerKey.names,
    };
  }
  if (client && clientSecret) {
    const tokenAddress = tokenAddressFor(endpoint, sources);
    return { endpoint, oauth2: { id: client.value, secret: clientSecret.value, tokenAddress } };
  }
  throw new OvhConfigError(
    `No keys for ${endpoint.name}: looked in ${places.names}. Either an application key and secret are needed (make them at ` +
      `${endpoint.createApp}) or an OAuth2 client's id and secret. Set them in ${USER_FILE} ([${endpoint.name}], ` +
      `application_key=…, application_secret=…) or in ${VARIABLES.applicationKey} and ${VARIABLES.applicationSecret}.`,
    "application",
  );
}

/** Why a signed call cannot be made. */
export function noConsumerKey(endpoint: Endpoint, places: string): OvhConfigError {
  return new OvhConfigError(
    `No consumer key for ${endpoint.name}: looked in ${places}. \`npx --no-install pulumi-tutum ovh login\` requests one and ` +
      "keeps it, `requestConsumerKey` requests one in a program.",
    "consumerKey",
  );
}

const PAIRS: readonly Setting[] = ["applicationKey", "applicationSecret", "clientId", "clientSecret"];

function resolveEndpoint(sources: OvhSources, folders: Folders): Endpoint {
  const places = placesFor(sources, filesOf(sources, folders, SECTION_OF_ENDPOINT), ["endpoint"]);
  const found = places.find("endpoint");
  if (!found)
    throw new OvhConfigError(
      `No OVH endpoint: looked in ${places.names}. Set it in ${USER_FILE} ([default], endpoint=ovh-eu) or in ` +
        `${VARIABLES.endpoint}; it is one of ${OVH_ENDPOINTS.join(", ")}, or an address.`,
      "endpoint",
    );
  const endpoint = endpointOf(found.value.trim(), found.place, isInsecureAllowed(sources));
  if (endpoint.warning !== undefined) (sources.warn ?? emitWarning)(endpoint.warning);
  return endpoint;
}

function tokenAddressFor(endpoint: Endpoint, sources: OvhSources): string {
  if (sources.tokenAddress !== undefined)
    return tokenAddressOf(sources.tokenAddress, "the option tokenAddress", isInsecureAllowed(sources));
  if (endpoint.tokenAddress !== undefined) return endpoint.tokenAddress;
  throw new OvhConfigError(
    `OAuth2 works with ovh-eu, ovh-ca and ovh-us, and not with ${endpoint.name}. Use an application key there; where the ` +
      "endpoint is an address, the option tokenAddress names where its tokens come from.",
  );
}

/** Both or none. */
function pair(places: Places, key: Setting, secret: Setting, what: string): [Found?, Found?] {
  const found = [places.find(key), places.find(secret)] as const;
  const [missing] = [key, secret].filter((_, n) => found[n] === undefined);
  const [there] = found.filter(one => one !== undefined);
  if (!there) return [];
  if (missing)
    throw new OvhConfigError(
      `Of ${what} both ${IN_FILES[key]} and ${IN_FILES[secret]} are needed: the ${
        missing === key ? "second" : "first"
      } is in ${there.place}, ${IN_FILES[missing]} is not in ${places.names}.`,
    );
  return [printable(found[0]), printable(found[1])];
}

/** A header must not carry other characters. */
function printable<T extends Found | undefined>(found: T): T {
  if (found === undefined || /^[\x21-\x7e]+$/.test(found.value)) return found;
  throw new OvhConfigError(
    `A key in ${found.place} holds spaces or characters that are not printable ASCII.`,
  );
}

type Look = () => Place;

function placesFor(sources: OvhSources, files: readonly Look[], settings: readonly Setting[]): Places {
  const { env = process.env, givenAs = "the options" } = sources;
  const values = Object.fromEntries(settings.map(setting => [setting, sources[setting]]));
  const variables = settings.map(setting => () => environment(env, { [setting]: VARIABLES[setting] }));
  return new Places([() => ({ name: givenAs, values }), ...variables, ...files]);
}

/** Each is read when it is first looked at, and once. */
function filesOf(
  { configFile, warn = emitWarning }: OvhSources,
  { cwd, home, system }: Folders,
  section: string,
): Look[] {
  const files: (readonly [path: string, shown: string])[] = [
    [join(cwd, "ovh.conf"), "./ovh.conf"],
    [join(home, ".ovh.conf"), USER_FILE],
    [join(system, "ovh.conf"), "/etc/ovh.conf"],
  ];
  if (configFile !== undefined) files.unshift([resolve(cwd, configFile), configFile]);
  return files.map(([path, shown]) => {
    let place: Place | undefined;
    return () => {
      place ??= inFile(path, shown, section, warn);
      return place;
    };
  });
}

function inFile(path: string, shown: string, section: string, warn: (message: string) => void): Place {
  const { name, values, isOpen, malformed } = iniSection(path, shown, section);
  if (malformed !== undefined)
    throw new OvhConfigError(`${shown}, line ${malformed}, is no section, no setting and no comment.`);
  if (isOpen && (values.application_secret || values.consumer_key || values.client_secret))
    warn(`${shown} holds secrets and can be read by other users: run \`chmod 600 ${shown}\`.`);
  return {
    name,
    values: Object.fromEntries(Object.entries(IN_FILES).map(([setting, key]) => [setting, values[key]])),
  };
}

function isInsecureAllowed({ allowInsecure, env = process.env }: OvhSources): boolean {
  try {
    const allowed = isOn("OVH_ALLOW_INSECURE", env.OVH_ALLOW_INSECURE);
    return allowInsecure ?? allowed;
  } catch (error) {
    throw new OvhConfigError((error as Error).message);
  }
}

function emitWarning(message: string): void {
  process.emitWarning(message, "OvhWarning");
}

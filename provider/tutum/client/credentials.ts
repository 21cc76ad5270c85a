/**
 * Who asks: user and API key, looked up separately in what was given in code, `TUTUM_AUTH`, `~/.tutum` and
 * `TUTUM_USER` / `TUTUM_APIKEY` (Tutum API, "Authorization").
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { homeOf } from "../../settings/home";
import { iniSection, iniSections } from "../../settings/ini-file";
import { environment, type Place, Places } from "../../settings/places";
import { TutumConfigError } from "./errors";

export interface Credentials {
  /** Value of the `Authorization` header. A secret. */
  authorization: string;
  /** The parts of it that no message may show. */
  secrets: string[];
  /** A hash of the user's name, to tell accounts apart where the name itself is not to be kept. */
  userHash: string;
  /** Whose they are, and where they were found: `the credentials of account "staging" from ~/.tutum`. */
  whose: string;
}

export interface CredentialSources {
  /** Given in code, or in a stack's configuration. */
  user?: string;
  apikey?: string;
  /** Section of `~/.tutum` to use instead of `[auth]`; the environment, which is of one account, is then left out. */
  account?: string;
  env?: NodeJS.ProcessEnv;
  /** Folder of `.tutum`. Default: the user's home. */
  home?: string;
  /** Told when others can read the key. Default: `process.emitWarning`. */
  warn?(message: string): void;
}

/** Throws `TutumConfigError` naming every place that was looked at. */
export function resolveCredentials(sources: CredentialSources = {}): Credentials {
  const { account } = sources;
  const env = account === undefined ? (sources.env ?? process.env) : {};
  const header = env.TUTUM_AUTH?.trim();
  // A whole header stands for itself: it may be of a scheme that has no user and key.
  if (header && !sources.user && !sources.apikey) {
    const authorization = printable(header, "TUTUM_AUTH", /^[\x20-\x7e]+$/);
    const userHash = hash(userOf(header));
    return { authorization, secrets: secretsOf(authorization), userHash, whose: whose(["TUTUM_AUTH"]) };
  }
  const { user: givenUser, apikey: givenKey, home = homeOf(process.env), warn = emitWarning } = sources;
  const options = () => ({
    name: "the options user and apikey",
    values: { user: givenUser, apikey: givenKey },
  });
  const file = () => credentialsFile(home, account ?? "auth", warn);
  const places = new Places(
    account === undefined
      ? [
          options,
          () => ({ name: "TUTUM_AUTH", values: partsOf(header) }),
          file,
          () => environment(env, { user: "TUTUM_USER", apikey: "TUTUM_APIKEY" }),
        ]
      : [options, file],
  );
  const [user, userPlace] = pick(places, "user", account);
  const [apikey, keyPlace] = pick(places, "apikey", account);
  if (user.includes(":")) throw new TutumConfigError("The Tutum user must not contain a colon.");
  const authorization = `ApiKey ${user}:${apikey}`;
  return {
    authorization,
    secrets: secretsOf(authorization),
    userHash: hash(user),
    whose: whose([userPlace, keyPlace], account),
  };
}

function whose(places: string[], account?: string): string {
  const of = account === undefined ? "" : ` of account ${JSON.stringify(account)}`;
  return `the credentials${of} from ${[...new Set(places)].join(" and ")}`;
}

/** Names of the accounts in `~/.tutum`, the default one left out. */
export function accountsInFile(env: NodeJS.ProcessEnv = process.env): string[] {
  const home = homeOf(env);
  return home === undefined ? [] : iniSections(join(home, ".tutum")).filter(name => name !== "auth");
}

/** The value, and where it was. */
function pick(
  places: Places,
  part: "user" | "apikey",
  account: string | undefined,
): [value: string, place: string] {
  const found = places.find(part);
  if (found) return [printable(found.value, found.place), found.place];
  const what = part === "user" ? "user" : "API key";
  const of = account === undefined ? "" : ` of account ${JSON.stringify(account)}`;
  const variables = account === undefined ? " or in TUTUM_USER and TUTUM_APIKEY" : "";
  throw new TutumConfigError(
    `No Tutum ${what}${of}: looked in ${places.names}. Set it in ~/.tutum ([${account ?? "auth"}], user = …, ` +
      `apikey = …)${variables}.`,
    part,
  );
}

/** The whole header and what follows its scheme and its user. */
function secretsOf(authorization: string): string[] {
  const credentials = authorization.replace(/^\S+\s+/, "");
  return [authorization, credentials, credentials.slice(credentials.indexOf(":") + 1)];
}

/** A header must not carry other characters: axios would drop line breaks silently and send what is left. */
function printable(value: string, source: string, allowed = /^[\x21-\x7e]+$/): string {
  if (allowed.test(value)) return value;
  throw new TutumConfigError(
    `The Tutum credentials in ${source} hold spaces or characters that are not printable ASCII.`,
  );
}

function credentialsFile(home: string | undefined, section: string, warn: (message: string) => void): Place {
  if (home === undefined) return { name: "~/.tutum (no home folder)", values: {} };
  const { isOpen, ...place } = iniSection(join(home, ".tutum"), "~/.tutum", section);
  if (isOpen && place.values.apikey)
    warn("~/.tutum holds an API key and can be read by other users: run `chmod 600 ~/.tutum`.");
  return place;
}

function emitWarning(message: string): void {
  process.emitWarning(message, "TutumWarning");
}

function partsOf(header: string | undefined): { user?: string; apikey?: string } {
  const [, user, apikey] = /^ApiKey\s+([^:]+):(.+)$/i.exec(header ?? "") ?? [];
  return { user, apikey };
}

function userOf(header: string): string {
  const [, basic] = /^Basic\s+(\S+)$/i.exec(header) ?? [];
  if (basic) return Buffer.from(basic, "base64").toString().split(":")[0] ?? "";
  return partsOf(header).user ?? header;
}

function hash(user: string): string {
  return createHash("sha256").update(user).digest("hex").slice(0, 16);
}

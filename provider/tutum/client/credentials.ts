/**
 * Who asks: user and API key, looked up separately in what was given in code, `TUTUM_AUTH`, `~/.tutum` and
 * `TUTUM_USER` / `TUTUM_APIKEY` (Tutum API, "Authorization").
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse } from "ini";
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

interface Source {
  name: string;
  user?: string;
  apikey?: string;
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
  const path = join(sources.home ?? homedir(), ".tutum");
  const warn = sources.warn ?? emitWarning;
  const options = () => ({
    name: "the options user and apikey",
    user: sources.user,
    apikey: sources.apikey,
  });
  const places: Place[] =
    account === undefined
      ? [
          options,
          () => ({ name: "TUTUM_AUTH", ...partsOf(header) }),
          once(() => credentialsFile(path, "auth", warn)),
          () => ({ name: "TUTUM_USER and TUTUM_APIKEY", user: env.TUTUM_USER, apikey: env.TUTUM_APIKEY }),
        ]
      : [options, once(() => credentialsFile(path, account, warn))];
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
  try {
    const text = readFileSync(join(env.HOME ?? homedir(), ".tutum"), "utf8");
    return [...text.matchAll(/^\s*\[([^\]]+)\]/gm)]
      .map(([, name = ""]) => name)
      .filter(name => name !== "auth");
  } catch {
    return [];
  }
}

/** Looked at only when the places before it had nothing. */
type Place = () => Source;

function once(place: Place): Place {
  let source: Source | undefined;
  return () => {
    source ??= place();
    return source;
  };
}

/** The value, and where it was. */
function pick(
  places: Place[],
  part: "user" | "apikey",
  account: string | undefined,
): [value: string, place: string] {
  const seen: string[] = [];
  for (const place of places) {
    const source = place();
    const value = source[part];
    if (value) return [printable(value, source.name), source.name];
    seen.push(source.name);
  }
  const what = part === "user" ? "user" : "API key";
  const of = account === undefined ? "" : ` of account ${JSON.stringify(account)}`;
  const variables = account === undefined ? " or in TUTUM_USER and TUTUM_APIKEY" : "";
  throw new TutumConfigError(
    `No Tutum ${what}${of}: looked in ${seen.join(", ")}. Set it in ~/.tutum ([${account ?? "auth"}], user = …, ` +
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

function credentialsFile(path: string, section: string, warn: (message: string) => void): Source {
  let text: string;
  let open: boolean;
  try {
    text = readFileSync(path, "utf8").replace(/^\ufeff/, "");
    open = process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return { name: `~/.tutum (${missing ? "no such file" : "not readable"})` };
  }
  const sections = parse(text.split(/\r?\n/).map(quoted).join("\n")) as Record<string, unknown>;
  const account = Object.hasOwn(sections, section) ? sections[section] : undefined;
  if (account === null || typeof account !== "object") return { name: `~/.tutum (no section [${section}])` };
  const value = (key: string) => {
    const found = Object.entries(account).find(([name]) => name.toLowerCase() === key)?.[1];
    return typeof found === "string" ? found : undefined;
  };
  const apikey = value("apikey");
  if (open && apikey)
    warn("~/.tutum holds an API key and can be read by other users: run `chmod 600 ~/.tutum`.");
  return { name: "~/.tutum", user: value("user"), apikey };
}

/**
 * One `key = value` line with its value in JSON quotes, so that ini takes it literally. The documentation shows
 * quoted values, `tutum login` wrote bare ones, and Python's parser also took `:`.
 */
function quoted(line: string): string {
  const [, key, raw] = /^\s*([\w.-]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
  if (!key || raw === undefined) return line;
  const [, , literal] = /^(["'])(.*?)\1\s*([;#].*)?$/.exec(raw) ?? [];
  return `${key} = ${JSON.stringify(literal ?? raw.replace(/\s+[;#].*$/, ""))}`;
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

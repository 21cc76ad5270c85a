/** Environment variables of a service: `environment`, and the files of `env_file`. */
import { dirname, join } from "node:path/posix";
import { parseEnv } from "node:util";
import { looksSecret } from "../../resource/secret-names";
import { show } from "../../resource/table/schema";
import { parseDotenv } from "./dotenv";
import { type Keys, keysOf, reads } from "./key";
import type { Service } from "./service";
import type { Part } from "./text";
import type { Value } from "./value";

export function environment(value: Value, service: Service): void {
  const entries = value.isMap
    ? value.entries().map(({ key, at, value }) => ({ name: key, text: value.raw ?? null, at, value }))
    : value.items().map(item => ({ ...assignment(item), at: item, value: item }));
  const seen = new Set<string>();
  for (const { name, text, at, value } of entries) {
    if (name === undefined) continue;
    if (seen.has(name)) at.error(`sets ${name} a second time: remove one of the two.`);
    seen.add(name);
    // A name alone takes the value from where the program runs.
    const isAlone = text === null && (value.isNull || value === at);
    const parts: Part[] | undefined = isAlone ? value.variable(name) : value.parts(text ?? undefined);
    if (!parts) continue;
    service.addText(value.guess(parts), name, at);
    service.addVariable(name, at.text(parts, { secret: looksSecret(name, text ?? undefined) }), at);
  }
}

function assignment(item: Value): { name?: string; text: string | null } {
  const raw = item.raw;
  if (raw === undefined) {
    item.error("must be NAME=value, or NAME alone.");
    return { text: null };
  }
  const end = raw.indexOf("=");
  return end < 0 ? { name: raw, text: null } : { name: raw.slice(0, end), text: raw.slice(end + 1) };
}

interface EnvironmentFile {
  path?: string;
  required: boolean;
  /** Literally, without variables. */
  raw: boolean;
}

const FILE_KEYS: Keys<EnvironmentFile> = {
  path: reads((value, file) => {
    file.path = value.known();
  }),
  required: reads((value, file) => {
    file.required = value.boolean() ?? true;
  }),
  format: reads((value, file) => {
    file.raw = value.oneOf(["raw"]) === "raw";
  }),
};

/** `environment` wins over it, and a later file over an earlier one. All values of such files are secrets. */
export function environmentFile(value: Value, service: Service): void {
  const variables = new Map<string, { text: string; item: Value }>();
  for (const item of value.isMap ? [value] : value.oneOrMore()) {
    const file: EnvironmentFile = { required: true, raw: false };
    if (item.isMap) keysOf(item, FILE_KEYS, file, "an environment file");
    else file.path = item.known();
    if (file.path === undefined) {
      if (item.isMap && !item.has("path")) item.error("has no path.");
      continue;
    }
    const text = item.source.options.readText(file.path);
    if (text !== undefined) {
      for (const [name, set] of settings(text, file, item)) variables.set(name, { text: set, item });
    } else if (file.required) {
      item.error(`${show(join(dirname(item.source.options.file), file.path))} cannot be read.`);
    }
  }
  const own = service.place.entries().find(({ key }) => key === "environment")?.value;
  const names = own?.isMap
    ? own.entries().map(({ key }) => key)
    : (own?.items().map(item => item.raw?.split("=")[0]) ?? []);
  for (const [name, { text, item }] of variables) {
    if (names.includes(name)) continue;
    service.addText(text, name, item);
    service.addVariable(name, item.text([text], { secret: true }), item);
  }
}

/** As Compose reads it; literally for Tutum's stack file, which had no such files. */
function settings(
  text: string,
  { path = "", raw }: EnvironmentFile,
  item: Value,
): Iterable<[string, string]> {
  const { source } = item;
  if (!source.isCompose || raw)
    return Object.entries(parseEnv(text)).map(([name, set]) => [name, String(set)]);
  const { variables, problems } = parseDotenv(text, name => source.lookUp(name));
  for (const { line, message } of problems) item.error(`names ${show(path)}, whose line ${line} ${message}`);
  return variables;
}

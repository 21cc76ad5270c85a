/** Sections of `key = value` lines, as many clouds' tools keep their settings in the user's home. */
import { readFileSync, statSync } from "node:fs";
import { parse } from "ini";
import type { Place } from "./places";

export interface IniSection extends Place {
  /** Whether other users can read the file. */
  isOpen: boolean;
  /** The first line that is neither a section, a setting nor a comment, if any. */
  malformed?: number;
}

/** One section as a place; its name says what is missing. Names of settings are in lower case. */
export function iniSection(path: string, shown: string, section: string): IniSection {
  const nothing = (why: string) => ({ name: `${shown} (${why})`, values: {}, isOpen: false });
  let text: string;
  let isOpen: boolean;
  try {
    text = textOf(path);
    isOpen = process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
  } catch (error) {
    return nothing((error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : "not readable");
  }
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex(line => !WELL_FORMED.test(line));
  const malformed = at < 0 ? {} : { malformed: at + 1 };
  const sections: Record<string, unknown> = parse(lines.map(literal).join("\n"));
  const found = Object.hasOwn(sections, section) ? sections[section] : undefined;
  if (found === null || typeof found !== "object")
    return { ...nothing(`no section [${section}]`), ...malformed };
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(found))
    if (typeof value === "string") values[key.toLowerCase()] ??= value;
  return { name: shown, values, isOpen, ...malformed };
}

/** Names of the sections; none where the file cannot be read. */
export function iniSections(path: string): string[] {
  try {
    return [...textOf(path).matchAll(/^\s*\[([^\]]+)\]/gm)].map(([, name = ""]) => name);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  return readFileSync(path, "utf8").replace(/^\ufeff/, "");
}

const WELL_FORMED = /^\s*($|[;#]|\[[^\]]+\]\s*([;#].*)?$|[\w.-]+\s*[=:])/;

/**
 * A line that ini takes literally: the name of a section with its dots, which ini reads as sections of sections, and
 * the value of a `key = value` line in JSON quotes. The documentation of Tutum shows quoted values, `tutum login` wrote
 * bare ones, and Python's parser also took `:`.
 */
function literal(line: string): string {
  const [, section] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
  if (section !== undefined) return `[${section.replaceAll(".", "\\.")}]`;
  const [, key, raw] = /^\s*([\w.-]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
  if (!key || raw === undefined) return line;
  const [, , quoted] = /^(["'])(.*?)\1\s*([;#].*)?$/.exec(raw) ?? [];
  return `${key} = ${JSON.stringify(quoted ?? raw.replace(/\s+[;#].*$/, ""))}`;
}

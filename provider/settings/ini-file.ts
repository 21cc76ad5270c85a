/** Sections of `key = value` lines, as many clouds' tools keep their settings in the user's home. */
import { readFileSync, statSync } from "node:fs";
import { parse } from "ini";
import type { Place } from "./places";

export interface IniSection extends Place {
  /** Whether other users can read the file. */
  isOpen: boolean;
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
  const sections: Record<string, unknown> = parse(text.split(/\r?\n/).map(quoted).join("\n"));
  const found = Object.hasOwn(sections, section) ? sections[section] : undefined;
  if (found === null || typeof found !== "object") return nothing(`no section [${section}]`);
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(found))
    if (typeof value === "string") values[key.toLowerCase()] ??= value;
  return { name: shown, values, isOpen };
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

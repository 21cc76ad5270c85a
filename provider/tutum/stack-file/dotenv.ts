/** A `.env` file as Compose reads it: quotes, comments, `export`, escapes, variables. */
import { sentence } from "../../resource/sentence";
import { complete } from "./environment";
import { type Part, parseText } from "./text";

export interface Dotenv {
  variables: Map<string, string>;
  problems: { line: number; message: string }[];
}

const BLANK = /(?:\s|#.*)*/y;
const NAME = /(?:export[^\S\n]+)?([\p{L}\p{N}_.[\]-]+)[^\S\n]*(?:([=:])[^\S\n]*|(?=\n|#|$))/uy;
const QUOTED = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/sy;
const REST_OF_LINE = /[^\n]*/y;

/**
 * The variables in the order of the file. `lookUp` is the environment, which wins: over the file's own values, and
 * over earlier ones of the file where one is named in another.
 */
export function parseDotenv(file: string, lookUp: (name: string) => string | undefined): Dotenv {
  const text = file.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  const variables = new Map<string, string>();
  const problems: Dotenv["problems"] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at += match[0].length;
    return match;
  };
  const fail = (message: string) =>
    problems.push({ line: text.slice(0, at).split("\n").length, message: sentence(message) });
  const interpolated = (text: string): string => {
    const parts = parseText(text);
    if (!parts) return text;
    const value = complete(lenient(parts), name => lookUp(name) ?? variables.get(name), fail);
    return typeof value === "string" ? value : "";
  };
  for (take(BLANK); at < text.length; take(BLANK)) {
    const [, name, sign] = take(NAME) ?? [];
    if (name === undefined) {
      fail("must be NAME=value");
      take(REST_OF_LINE);
      continue;
    }
    // A name alone takes the value from the environment.
    if (sign === undefined) {
      const value = lookUp(name);
      if (value !== undefined) variables.set(name, value);
      continue;
    }
    if (/['"]/.test(text[at] ?? "")) {
      const [all, single, double] = take(QUOTED) ?? [];
      if (all === undefined) {
        fail(`sets ${name} to a string with an unclosed quote`);
        take(REST_OF_LINE);
        continue;
      }
      variables.set(
        name,
        double === undefined ? (single ?? "").replaceAll("\\'", "'") : interpolated(unescaped(double)),
      );
      continue;
    }
    const [line = ""] = take(REST_OF_LINE) ?? [];
    variables.set(name, interpolated(line.replace(/(?:^|\s)#.*$/, "").trim()));
  }
  return { variables, problems };
}

/** A variable that is not set is empty, as in Compose. */
function lenient(parts: readonly Part[]): Part[] {
  return parts.map(part => {
    if (typeof part === "string" || "word" in part) return part;
    return { ...part, operator: part.operator ?? "-", other: lenient(part.other ?? []) };
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  '"': '"',
  $: "$$",
};

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (all, escaped: string) => ESCAPES[escaped] ?? all);
}

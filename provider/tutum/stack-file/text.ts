/**
 * Text of a stack file with variables in it: `$NAME`, `${NAME:-default}`, `$$` as Compose has them. In Tutum's format
 * only braces make a variable, `$$` is a `$`, and so is any other one.
 */

/** A variable, to be looked up. */
export interface Variable {
  name: string;
  /**
   * What to do when it is not set: use `other` instead (`-`), use `other` when it *is* set (`+`), or fail with `other`
   * as the reason (`?`). Absent: fail.
   */
  operator?: "-" | "+" | "?";
  other?: readonly Part[];
  /** Whether an empty value counts as not set: the operators with a colon. */
  emptyToo?: boolean;
}

/** A word of a command line: quoted for the shell once its value is known. */
export interface Word {
  word: readonly Part[];
}

export type Part = string | Variable | Word;

/** A value of a stack file that is not known from the file alone, or that is a secret. */
export class Text {
  constructor(
    readonly parts: readonly Part[],
    readonly meaning: {
      /** Encrypted in the state, and never written into a program. */
      secret?: boolean;
      /** Its text is a whole number. */
      number?: boolean;
    } = {},
  ) {}
}

/** The variables in the parts, those of their defaults among them. */
export function variablesOf(parts: readonly Part[]): Variable[] {
  return parts.flatMap(part => {
    if (typeof part === "string") return [];
    if ("word" in part) return variablesOf(part.word);
    return [part, ...variablesOf(part.other ?? [])];
  });
}

/** Quoted so that a shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export type Dialect = "tutum" | "compose";

/** The parts of a text, or undefined when a `$` in it begins nothing. */
export function parseText(text: string, dialect: Dialect = "compose"): Part[] | undefined {
  const { parts, end } = partsFrom(text, 0, false, dialect);
  return end === text.length ? parts : undefined;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /(:?)([-+?])/y;

/** Reads up to the end, or within braces up to the closing one; `end` is -1 when a variable is malformed. */
function partsFrom(
  text: string,
  start: number,
  inBraces: boolean,
  dialect: Dialect,
): { parts: Part[]; end: number } {
  const parts: Part[] = [];
  const add = (literal: string) => {
    const last = parts.at(-1);
    if (typeof last === "string") parts[parts.length - 1] = last + literal;
    else parts.push(literal);
  };
  let at = start;
  while (at < text.length && !(inBraces && text[at] === "}")) {
    if (text[at] !== "$") {
      add(text[at] as string);
      at += 1;
    } else if (text[at + 1] === "$") {
      add("$");
      at += 2;
    } else if (dialect === "tutum" && text[at + 1] !== "{") {
      add("$");
      at += 1;
    } else {
      const { variable, end } = text[at + 1] === "{" ? braced(text, at + 2, dialect) : bare(text, at + 1);
      if (!variable) return { parts, end: -1 };
      parts.push(variable);
      at = end;
    }
  }
  return { parts, end: at };
}

function bare(text: string, start: number): { variable?: Variable; end: number } {
  const name = matched(NAME, text, start)?.[0];
  return name === undefined ? { end: -1 } : { variable: { name }, end: start + name.length };
}

function braced(text: string, start: number, dialect: Dialect): { variable?: Variable; end: number } {
  const name = matched(NAME, text, start)?.[0];
  if (name === undefined) return { end: -1 };
  let at = start + name.length;
  if (text[at] === "}") return { variable: { name }, end: at + 1 };
  const [operator, colon, kind] = matched(OPERATOR, text, at) ?? [];
  if (operator === undefined) return { end: -1 };
  at += operator.length;
  const { parts, end } = partsFrom(text, at, true, dialect);
  if (text[end] !== "}") return { end: -1 };
  const variable = { name, operator: kind as Variable["operator"], other: parts, emptyToo: colon === ":" };
  return { variable, end: end + 1 };
}

function matched(pattern: RegExp, text: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start;
  return pattern.exec(text);
}

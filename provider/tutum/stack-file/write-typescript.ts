/** Writes declarations as a TypeScript program that declares the same. */

import { looksSecret } from "../../resource/secret-names";
import { ExternalApplication } from "./external-application";
import type { Declarations } from "./read-services";
import { isReservedWord } from "./reserved-words";
import { type Part, Text, type Variable, variablesOf } from "./text";

export interface ProgramOptions {
  /** Name of the stack, and of the program's export. */
  name: string;
  /** Where the program looks variables up: in its environment, or in its stack's configuration. */
  variables: "environment" | "config";
  /** Values for variables that are not set there. Secrets among them are not written. Default: none. */
  dotenv?: ReadonlyMap<string, string>;
  /** Account of all applications. Default: the default account. */
  account?: string;
}

export interface Program {
  text: string;
  /** Keys of the stack's configuration that hold secrets of the program. */
  secrets: string[];
  /** Variables that have to be set where the program looks them up. */
  required: string[];
  /** Variables that are looked up there, and for which the program has a default. */
  optional: string[];
}

/** Depths of nesting in the program: each is one step of indentation. */
const DEPTH = {
  /** The arguments of one application. */
  application: 2,
  /** The value of one argument, one entry to a line. */
  argument: 3,
  /** Within such a value, all in one line. */
  inline: 4,
};

/** Longest line of a list, in characters. */
const LINE_LENGTH = 90;

/** A program that compiles under `strict`. It contains no secret, and takes them from the configuration. */
export function programOf(applications: Declarations, options: ProgramOptions): Program {
  const writer = new Writer(options);
  const entries = Object.entries(applications).map(
    ([name, args]) => `    ${key(name)}: ${writer.value(args, DEPTH.application, name)},`,
  );
  const account =
    options.account === undefined ? [] : [`  defaults: { account: ${JSON.stringify(options.account)} },`];
  const body = [
    `const ${identifier(options.name)} = new ApplicationStack(${JSON.stringify(options.name)}, {`,
    ...account,
    "  applications: {",
    ...entries,
    "  },",
    "});",
  ];
  const imports = [
    ...(/\bpulumi\./.test([...writer.needed, ...entries].join("\n")) || writer.usesConfig
      ? ['import * as pulumi from "@pulumi/pulumi";']
      : []),
    `import { ApplicationStack${writer.looksUp ? ", getApplicationOutput" : ""} } from "pulumi-tutum";`,
  ];
  const config = writer.usesConfig ? ["", "const config = new pulumi.Config();"] : [];
  const lines = [...imports, ...config, "", ...body, ...[...writer.needed].flatMap(text => ["", text])];
  const required = [...writer.required];
  return {
    text: `${lines.join("\n")}\n`,
    secrets: [...writer.secrets],
    required,
    optional: [...writer.optional].filter(name => !required.includes(name)),
  };
}

/** Functions that a program contains when it needs them. */
const VARIABLE = `function variable(name: string, reason = "", emptyToo = false, value = process.env[name]): string {
  if (value !== undefined && !(emptyToo && value === "")) return value;
  throw new pulumi.RunError(\`The environment variable \${name} is not set. \${reason}\`.trim());
}`;
const WORD = `/** Quoted so that a shell takes it for one word. */
function word(text: string): string {
  return /^[\\w@%+=:,./-]+$/.test(text) ? text : \`'\${text.replaceAll("'", "'\\\\''")}'\`;
}`;

/** An expression, and whether its value is an output. */
interface Expression {
  code: string;
  later: boolean;
  /** Whether it needs parentheses inside of another one. */
  loose?: boolean;
}

class Writer {
  readonly needed = new Set<string>();
  readonly secrets = new Set<string>();
  readonly required = new Set<string>();
  readonly optional = new Set<string>();
  usesConfig = false;
  looksUp = false;
  /** Whether the text being written is part of a secret. */
  #isSecret = false;
  /** Whether the text being written is a whole secret. */
  #isWholeSecret = false;

  constructor(readonly options: Pick<ProgramOptions, "variables" | "dotenv">) {}

  /** A value as source text; `path` is `web`, or `web_NAME` in its environment. */
  value(value: unknown, depth: number, path: string): string {
    if (value instanceof Text) return this.#text(value, path);
    if (value instanceof ExternalApplication) return this.#lookUp(value);
    if (Array.isArray(value)) return this.#list(value, depth, path);
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const entries = Object.entries(value).map(([name, item]) => {
      const below = name === "containerEnvvars" ? path : depth === DEPTH.argument ? `${path}_${name}` : path;
      return `${key(name)}: ${this.value(item, depth + 1, below)}`;
    });
    if (depth > DEPTH.argument) return `{ ${entries.join(", ")} }`;
    return braced(entries, depth);
  }

  #lookUp({ uniqueName, account }: ExternalApplication): string {
    this.looksUp = true;
    const args = { application: uniqueName, ...(account !== undefined && { account }) };
    return `getApplicationOutput(${this.value(args, DEPTH.inline, "")}).uuid`;
  }

  #list(items: unknown[], depth: number, path: string): string {
    const texts = items.map(item => this.value(item, DEPTH.inline, path));
    const line = `[${texts.join(", ")}]`;
    return line.length + 2 * depth < LINE_LENGTH
      ? line
      : `[\n${texts.map(text => `${"  ".repeat(depth + 1)}${text},\n`).join("")}${"  ".repeat(depth)}]`;
  }

  #text({ parts, meaning }: Text, path: string): string {
    if (meaning.secret && variablesOf(parts).length === 0) return this.#configured(path);
    this.#isSecret = meaning.secret === true;
    const [first = ""] = parts;
    this.#isWholeSecret =
      this.#isSecret && parts.length === 1 && typeof first !== "string" && "name" in first;
    const { code, later } = this.#expression(parts);
    if (meaning.number) return later ? `${code}.apply(Number)` : `Number(${code})`;
    return meaning.secret && !later ? `pulumi.secret(${code})` : code;
  }

  /** A secret without a variable: the program takes it from the configuration. */
  #configured(path: string): string {
    this.secrets.add(path);
    this.usesConfig = true;
    return `config.requireSecret(${JSON.stringify(path)})`;
  }

  #expression(parts: readonly Part[]): Expression {
    const [only] = parts;
    if (only === undefined) return { code: '""', later: false };
    if (parts.length === 1) return this.#part(only);
    const pieces = parts.map(part => (typeof part === "string" ? part : this.#part(part)));
    const later = pieces.some(piece => typeof piece !== "string" && piece.later);
    const template = pieces
      .map(piece => (typeof piece === "string" ? escaped(piece) : `\${${piece.code}}`))
      .join("");
    return { code: `${later ? "pulumi.interpolate" : ""}\`${template}\``, later };
  }

  #part(part: Part): Expression {
    if (typeof part === "string") return { code: JSON.stringify(part), later: false };
    if (!("word" in part)) return this.#variable(part);
    this.needed.add(WORD);
    const { code, later } = this.#expression(part.word);
    return { code: later ? `${code}.apply(word)` : `word(${code})`, later };
  }

  #variable(variable: Variable): Expression {
    const { name, operator } = variable;
    const known = this.options.dotenv?.get(name);
    const isHidden =
      known === undefined
        ? operator === "-" && this.#hidesDefault(name, literal(variable.other))
        : known !== "" && (this.#isSecret || looksSecret(name, known));
    // The file's default was never in use: the program needs the hidden value.
    const asked: Variable =
      isHidden && (operator === "-" || operator === "+")
        ? { name, ...(operator === "-" && variable.emptyToo && { operator: "?", emptyToo: true }) }
        : variable;
    const written = isHidden ? undefined : known;
    const isRequired = written === undefined && (asked.operator === undefined || asked.operator === "?");
    if (isRequired) this.required.add(name);
    else this.optional.add(name);
    if (asked !== variable && operator === "+") return closed(this.#expression(variable.other ?? []));
    return this.options.variables === "config"
      ? this.#fromConfig(asked, written, isHidden)
      : this.#fromEnvironment(asked, written);
  }

  #hidesDefault(name: string, text: string): boolean {
    return text !== "" && (this.#isWholeSecret || looksSecret(name, text));
  }

  #fromEnvironment({ name, operator, other = [], emptyToo }: Variable, known?: string): Expression {
    const instead = closed(this.#expression(other));
    const own = `process.env${/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`;
    if (operator === "-" || operator === "+")
      return { ...chosen(own, operator, emptyToo, instead, known), later: instead.later };
    const value = known === undefined ? undefined : `${own} ?? ${JSON.stringify(known)}`;
    if (value !== undefined && !emptyToo) return { code: value, later: false, loose: true };
    this.needed.add(VARIABLE);
    const reason = operator ? `, ${instead.code}${emptyToo ? ", true" : ""}${value ? `, ${value}` : ""}` : "";
    return { code: `variable(${JSON.stringify(name)}${reason})`, later: false };
  }

  /** The message of `require` explains how to set a missing variable. */
  #fromConfig(
    { name, operator, other = [], emptyToo }: Variable,
    known: string | undefined,
    isHidden: boolean,
  ): Expression {
    this.usesConfig = true;
    const later = isHidden || looksSecret(name, known);
    if (later) this.secrets.add(name);
    const secret = later ? "Secret" : "";
    const instead = closed(this.#expression(other));
    const read = `config.get${secret}(${JSON.stringify(name)})`;
    if (operator === "-" || operator === "+") {
      const isLater = later || instead.later;
      if (!isLater) return { ...chosen(read, operator, emptyToo, instead, known), later: false };
      const { code } = chosen("value", operator, emptyToo, instead, known);
      return { code: `pulumi.output(${read}).apply(value => ${code})`, later: true };
    }
    if (known !== undefined) return { code: `${read} ?? ${JSON.stringify(known)}`, later, loose: true };
    return { code: `config.require${secret}(${JSON.stringify(name)})`, later };
  }
}

/** The value or its alternative. `known` is its value when it is not set. */
function chosen(
  own: string,
  operator: "-" | "+",
  emptyToo: boolean | undefined,
  instead: Expression,
  known: string | undefined,
): { code: string; loose: boolean } {
  const value = known === undefined ? own : `(${own} ?? ${JSON.stringify(known)})`;
  if (operator === "+")
    return { code: `${value}${emptyToo ? "" : " !== undefined"} ? ${instead.code} : ""`, loose: true };
  if (known !== undefined && !emptyToo) return { code: value, loose: false };
  return { code: `${value} ${emptyToo ? "||" : "??"} ${instead.code}`, loose: true };
}

/** The literal text in the parts. */
function literal(parts: readonly Part[] = []): string {
  return parts.filter(part => typeof part === "string").join("");
}

function closed(expression: Expression): Expression {
  return expression.loose ? { code: `(${expression.code})`, later: expression.later } : expression;
}

function braced(entries: string[], depth: number): string {
  const indent = "  ".repeat(depth + 1);
  return entries.length === 0
    ? "{}"
    : `{\n${entries.map(entry => `${indent}${entry},\n`).join("")}${"  ".repeat(depth)}}`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== "__proto__" ? name : JSON.stringify(name);
}

function escaped(text: string): string {
  return text.replace(/[\\`]|\$(?=\{)/g, "\\$&").replaceAll("\r", "\\r");
}

/** Names that the program uses itself. */
const OWN_NAMES =
  /^(config|pulumi|ApplicationStack|getApplicationOutput|variable|word|process|Number|undefined)$/;

/** `tutum`, `blueGreen`. */
function identifier(name: string): string {
  const camel = name.replace(
    /[^A-Za-z0-9]+(.)?/g,
    (_all, next: string | undefined) => next?.toUpperCase() ?? "",
  );
  const isWord = /^[A-Za-z]\w*$/.test(camel) && !OWN_NAMES.test(camel) && !isReservedWord(camel);
  return isWord ? camel : "stack";
}

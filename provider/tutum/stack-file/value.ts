/** A value in a stack file: read in the form that a key asks for, or else a problem at its place. */
import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { looksSecret } from "../../resource/secret-names";
import { sentence } from "../../resource/sentence";
import { oneOf, safeParse, show } from "../../resource/table/schema";
import type { Source } from "./source";
import { type Part, parseText, type Text, variablesOf } from "./text";

export interface Entry {
  key: string;
  /** The key's own place. */
  at: Value;
  value: Value;
}

export class Value {
  readonly #node: Node | null;
  readonly #offset: number;

  constructor(
    readonly source: Source,
    node: Node | null | undefined,
    readonly path: string,
    offset = 0,
  ) {
    this.#offset = node?.range?.[0] ?? offset;
    this.#node = isAlias(node) ? (node.resolve(source.document) ?? null) : (node ?? null);
  }

  /** Nothing is written: an empty value, `null` or `~`. */
  get isNull(): boolean {
    const node = this.#node;
    return (
      node === null || (isScalar(node) && node.type === "PLAIN" && /^(null|~|)$/i.test(String(node.value)))
    );
  }

  get isScalar(): boolean {
    return isScalar(this.#node);
  }

  get isList(): boolean {
    return isSeq(this.#node);
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  /** The text of a scalar, with its variables unresolved. */
  get raw(): string | undefined {
    return isScalar(this.#node) && !this.isNull ? String(this.#node.value) : undefined;
  }

  /** Where it is, as problems show it. */
  get shown(): string {
    const { line, column } = this.source.position(this.#offset);
    return `${this.source.options.file}:${line}:${column}: ${this.path}`;
  }

  error(message: string): undefined {
    this.source.add("error", this.#offset, this.path, message);
  }

  warn(message: string): undefined {
    const severity = this.source.options.unsupported === "error" ? "error" : "warning";
    this.source.add(severity, this.#offset, this.path, message);
  }

  /** Something worth knowing that needs no change. */
  note(message: string): undefined {
    this.source.add("note", this.#offset, this.path, message);
  }

  /** Something that the API does not support, and without which containers would behave differently. */
  unsupported(message: string): undefined {
    const severity = this.source.options.unsupported === "warn" ? "warning" : "error";
    this.source.add(severity, this.#offset, this.path, message);
  }

  /** The same place under a longer path. */
  at(path: string): Value {
    return new Value(this.source, this.#node, path, this.#offset);
  }

  /** The parts of a scalar, or of a piece of it. */
  parts(text = this.raw): Part[] | undefined {
    if (text === undefined)
      return this.error(this.isScalar ? "has no value." : `must be a string, not ${this.#kind}.`);
    const { isCompose, referenced } = this.source;
    const parts = parseText(text, isCompose ? "compose" : "tutum");
    if (!parts)
      return this.error(`has a $ without a variable's name: write \${NAME}, or $$ for a literal $.`);
    for (const { name } of variablesOf(parts)) referenced.add(name);
    const [, bare] = isCompose ? [] : (BARE.exec(text) ?? []);
    if (bare !== undefined)
      this.note(`keeps $${bare} unchanged, as Tutum did: only \${${bare}} is looked up.`);
    return parts;
  }

  /** The parts of a text that is one variable. */
  variable(name: string): Part[] {
    this.source.referenced.add(name);
    return [{ name }];
  }

  /** The part of a text that is known now. */
  guess(parts: readonly Part[]): string {
    return this.source.evaluation.guess(parts);
  }

  /** A text that may hold variables, where inputs are allowed. */
  text(parts: readonly Part[] | undefined = this.parts(), meaning: Text["meaning"] = {}): unknown {
    if (parts === undefined) return undefined;
    const secret = meaning.secret || variablesOf(parts).some(({ name }) => looksSecret(name));
    const { evaluation } = this.source;
    return evaluation.text(parts, { ...meaning, ...(secret && { secret }) }, words => this.error(words));
  }

  /** A text that must be known when the file is read: the stack's shape depends on it. */
  known(): string | undefined {
    const parts = this.parts();
    if (parts === undefined) return undefined;
    const { evaluation } = this.source;
    const value = evaluation.known(parts, words => this.error(words));
    if (value !== undefined && evaluation.bakedIn && variablesOf(parts).length > 0)
      this.warn(`is written as ${show(value)}, its value in this environment.`);
    return value;
  }

  oneOf<const T extends readonly string[]>(allowed: T): T[number] | undefined {
    const value = this.known();
    if (value === undefined) return undefined;
    const { issues } = safeParse(oneOf(allowed), value);
    return issues ? this.error(sentence(issues[0].message)) : value;
  }

  boolean(): boolean | undefined {
    const value = this.oneOf(["true", "false"]);
    return value === undefined ? undefined : value === "true";
  }

  /** The items of a list. */
  items(): Value[] {
    if (this.isNull) return [];
    if (!isSeq(this.#node)) {
      this.error(`must be a list, not ${this.#kind}.`);
      return [];
    }
    return this.#node.items.map(
      (item, n) => new Value(this.source, item as Node, `${this.path}[${n}]`, this.#offset),
    );
  }

  /** The items of a list, or the one value itself. */
  oneOrMore(): Value[] {
    return this.isScalar && !this.isNull ? [this] : this.items();
  }

  /** The keys of a mapping with their values; those merged by `<<` come first, and own keys win over them. */
  entries(): Entry[] {
    if (this.isNull) return [];
    if (!isMap(this.#node)) {
      this.error(`must be a mapping of keys and values, not ${this.#kind}.`);
      return [];
    }
    return [...this.#merged(new Set()).values()];
  }

  /** Whether the mapping has the key. */
  has(key: string): boolean {
    return this.isMap && this.entries().some(entry => entry.key === key);
  }

  #merged(seen: Set<Node>): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    const node = this.#node;
    if (!isMap(node) || seen.has(node)) return entries;
    const [own, merged] = [[] as Entry[], [] as Value[]];
    for (const pair of node.items) {
      const keyNode = pair.key as Node;
      const key = isScalar(keyNode) ? String(keyNode.value) : undefined;
      const path = key === undefined ? this.path : dotted(this.path, key);
      const at = new Value(this.source, keyNode, path, this.#offset);
      const value = new Value(this.source, pair.value as Node | null, path, at.#offset);
      if (key === undefined) at.error("must be a string: this is a key.");
      else if (key === "<<") merged.push(...(value.isList ? value.items() : [value]));
      else own.push({ key, at, value });
    }
    // Of several that are merged in, the first wins.
    for (const value of merged.reverse()) {
      if (!value.isMap) value.error("must be a mapping, which << merges into this one.");
      for (const [key, entry] of value.at(this.path).#merged(new Set([...seen, node])))
        entries.set(key, entry);
    }
    for (const entry of own) entries.set(entry.key, entry);
    return entries;
  }

  get #kind(): string {
    if (this.isNull) return "nothing";
    if (this.isList) return "a list";
    return this.isMap ? "a mapping" : "a string";
  }
}

/** A `$NAME` that Compose would take for a variable. */
const BARE = /(?<!\$)(?:\$\$)*\$([A-Za-z_]\w*)/;

function dotted(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

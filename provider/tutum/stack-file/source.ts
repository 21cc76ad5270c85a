/** A stack file's text as a tree that knows its positions, and the problems found in it so far. */
import { isDeepStrictEqual } from "node:util";
import { type Document, LineCounter, type ParsedNode, parseDocument } from "yaml";
import { type Problem, StackFileError, withoutSecrets } from "./problems";
import type { Part, Text } from "./text";

/** How variables become values. */
export interface Evaluation {
  /** The value of a text where an input is allowed. `fail` takes what is wrong, in words. */
  text(parts: readonly Part[], meaning: Text["meaning"], fail: (words: string) => void): unknown;
  /** The value of a text that has to be known now. Undefined after `fail`. */
  known(parts: readonly Part[], fail: (words: string) => void): string | undefined;
  /** Whether a value taken now stays in what is written: worth a warning. */
  frozen: boolean;
}

export interface SourceOptions {
  /** As problems show it. */
  file: string;
  /**
   * What becomes of keys that the API has no counterpart for: `warn` makes a warning of each, `error` an error of
   * every warning. Default: an error where containers would behave otherwise, else a warning.
   */
  unsupported?: "error" | "warn";
  evaluation: Evaluation;
  /** The text of another file, named relative to this one; undefined when it is not there. */
  readText(path: string): string | undefined;
}

export class Source {
  readonly problems: Problem[] = [];
  readonly document: Document.Parsed<ParsedNode>;
  readonly #lines: string[];
  readonly #positions = new LineCounter();

  /** @throws {StackFileError} when the text is no YAML. */
  constructor(
    text: string,
    readonly options: SourceOptions,
  ) {
    const yaml = text.replace(/^\ufeff/, "");
    this.#lines = yaml.split(/\r?\n/);
    // Every scalar stays text: `off`, `1.10` and `22:22` mean what is written.
    this.document = parseDocument(yaml, {
      schema: "failsafe",
      lineCounter: this.#positions,
      prettyErrors: false,
    });
    const { errors, warnings } = this.document;
    // What else is wrong after a tab only follows from it.
    const tabs = errors.filter(({ code }) => code === "TAB_AS_INDENT");
    for (const { code, message, pos } of tabs.length > 0 ? tabs : [...errors, ...warnings])
      this.add("error", pos[0], "", YAML_WORDS[code] ?? `${message}.`);
    this.throwIfWrong();
  }

  add(severity: Problem["severity"], offset: number, path: string, message: string): void {
    const { line, column } = this.position(offset);
    const source = withoutSecrets(this.#lines[line - 1] ?? "");
    const problem: Problem = {
      severity,
      file: this.options.file,
      line,
      column,
      path,
      message: message.replace(/(?<![.?!)])$/, ".").replace(/\?\.$/, "?"),
      source,
    };
    // A place may be looked at more than once.
    if (!this.problems.some(other => isDeepStrictEqual(other, problem))) this.problems.push(problem);
  }

  /** Counted from 1. */
  position(offset: number): { line: number; column: number } {
    const { line, col } = this.#positions.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  throwIfWrong(): void {
    if (this.problems.some(({ severity }) => severity === "error"))
      throw new StackFileError(this.problems.sort((a, b) => a.line - b.line || a.column - b.column));
  }
}

const YAML_WORDS: Partial<Record<string, string>> = {
  TAB_AS_INDENT: "YAML is not indented by tabs: put spaces here.",
  DUPLICATE_KEY: "this key is there twice: remove one of the two.",
  MULTIPLE_DOCS: "a second document begins here: a stack file is one document.",
  TAG_RESOLVE_FAILED: "tags (!…) mean nothing in a stack file: remove it.",
};

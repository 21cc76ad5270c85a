/** A stack file's text as a tree that knows its positions, and the problems found in it so far. */
import { dirname, join } from "node:path/posix";
import { type Document, isMap, isScalar, LineCounter, type ParsedNode, parseDocument } from "yaml";
import { type Dotenv, parseDotenv } from "./dotenv";
import { inOrder, type Problem, StackFileError, withoutSecrets } from "./problems";
import type { Part, Text } from "./text";

/** The value of a variable that is known when the file is read. */
export type Lookup = (name: string) => string | undefined;

/** How variables become values. */
export interface Evaluation {
  /** The value of a text where an input is allowed. `fail` takes the problem in words. */
  text(parts: readonly Part[], meaning: Text["meaning"], fail: (words: string) => void): unknown;
  /** The value of a text that must be known now. Undefined after `fail`. */
  known(parts: readonly Part[], fail: (words: string) => void): string | undefined;
  /** The part of the text that is known now. */
  guess(parts: readonly Part[]): string;
  /** Whether a value taken now is baked into the written program: worth a warning. */
  bakedIn: boolean;
}

export interface SourceOptions {
  /** As problems show it. */
  file: string;
  /**
   * What happens to keys that the API does not support: `warn` makes a warning of each, `error` an error of
   * every warning. Default: an error where containers would behave differently, else a warning.
   */
  unsupported?: "error" | "warn";
  /** How a user of this reader writes `unsupported: "warn"`. */
  acceptedBy: string;
  /** Profiles of a Compose file that are enabled. Default: those of the variable `COMPOSE_PROFILES`. */
  profiles?: readonly string[];
  /** Where variables are looked up. */
  env: NodeJS.ProcessEnv;
  /** Names of variables with explicit values, which win over the environment. Default: none. */
  given?: readonly string[];
  /** `lookUp` finds variables of the environment, and of a `.env` next to a Compose file. */
  evaluation(lookUp: Lookup): Evaluation;
  /** The text of another file, named relative to this one; undefined when it does not exist. */
  readText(path: string): string | undefined;
}

/** Next to the Compose file. */
const DOTENV = ".env";

export class Source {
  readonly problems: Problem[] = [];
  readonly document: Document.Parsed<ParsedNode>;
  readonly isCompose: boolean;
  readonly evaluation: Evaluation;
  /** The variables of `.env`. */
  readonly dotenv: ReadonlyMap<string, string>;
  /** Names of the variables in the file, as far as it was read. */
  readonly referenced = new Set<string>();
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
    // Other errors after a tab only follow from it.
    const tabs = errors.filter(({ code }) => code === "TAB_AS_INDENT");
    for (const { code, message, pos } of tabs.length > 0 ? tabs : [...errors, ...warnings])
      this.add("error", pos[0], "", YAML_MESSAGES[code] ?? `${message}.`);
    this.throwIfWrong();
    this.isCompose = isComposeFile(this.document);
    this.dotenv = this.isCompose ? this.#dotenv() : new Map();
    this.evaluation = options.evaluation(name => this.lookUp(name));
  }

  /** As problems show it. */
  get dotenvFile(): string {
    return join(dirname(this.options.file), DOTENV);
  }

  /** The environment's value, or that of `.env`. */
  lookUp(name: string): string | undefined {
    const { env } = this.options;
    return Object.hasOwn(env, name) ? env[name] : this.dotenv.get(name);
  }

  add(severity: Problem["severity"], offset: number, path: string, message: string): void {
    this.#add({ severity, file: this.options.file, ...this.position(offset), path, message });
  }

  /** Counted from 1. */
  position(offset: number): { line: number; column: number } {
    const { line, col } = this.#positions.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  get isWrong(): boolean {
    return this.problems.some(({ severity }) => severity === "error");
  }

  throwIfWrong(): void {
    if (this.isWrong) throw new StackFileError(inOrder(this.problems));
  }

  #add(found: Omit<Problem, "source">): void {
    const { severity, line, column, message } = found;
    // A place may be read more than once: an anchor's for every service that uses it.
    const isReported = this.problems.some(
      other =>
        other.file === found.file &&
        other.line === line &&
        other.column === column &&
        other.severity === severity &&
        other.message === message,
    );
    if (isReported) return;
    const isOwn = found.file === this.options.file;
    const source = isOwn ? withoutSecrets(this.#lines[line - 1] ?? "") : "";
    this.problems.push({ ...found, source });
  }

  #dotenv(): Dotenv["variables"] {
    const { env, readText } = this.options;
    if (/^(?:1|true)$/i.test(env.COMPOSE_DISABLE_ENV_FILE ?? "")) return new Map();
    const { variables, problems } = parseDotenv(readText(DOTENV) ?? "", name =>
      Object.hasOwn(env, name) ? env[name] : undefined,
    );
    for (const { line, message } of problems)
      this.#add({ severity: "error", file: this.dotenvFile, line, column: 1, path: "", message });
    return variables;
  }
}

/** Services are below `services` in a Compose file, at the top in Tutum's. */
function isComposeFile({ contents }: Document.Parsed<ParsedNode>): boolean {
  if (!isMap(contents)) return false;
  const services = contents.get("services");
  return (
    isScalar(contents.get("version", true)) ||
    (contents.has("services") && !(isMap(services) && services.has("image")))
  );
}

const YAML_MESSAGES: Partial<Record<string, string>> = {
  TAB_AS_INDENT: "YAML is indented with spaces, not tabs.",
  DUPLICATE_KEY: "duplicate key: remove one of the two.",
  MULTIPLE_DOCS: "a second document begins here: a stack file is one document.",
  TAG_RESOLVE_FAILED: "tags (!…) have no meaning in a stack file: remove it.",
};

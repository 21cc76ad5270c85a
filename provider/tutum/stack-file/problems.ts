/** Problems and notes of a stack file, their places, and how they are shown. */
import { RunError } from "@pulumi/pulumi/errors";
import { printable } from "../../http/printable";
import { looksSecret } from "../../resource/secret-names";

export interface Problem {
  severity: "error" | "warning" | "note";
  /** As the caller passed it. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** `web.ports[0]`, or `services.web.ports[0]` in a Compose file; empty for the file as a whole. */
  path: string;
  message: string;
  /** The line of the file, with secrets redacted. */
  source: string;
}

/** All that is wrong with a stack file. In a Pulumi program it ends the run with its message and no stack trace. */
export class StackFileError extends RunError {
  constructor(readonly problems: readonly Problem[]) {
    super(problemsText(problems));
  }
}

/** Each, and a last line that counts them. */
export function problemsText(problems: readonly Problem[]): string {
  const counts = (["error", "warning", "note"] as const).flatMap(severity => {
    const count = problems.filter(problem => problem.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  return [...problems.map(problem => problemText(problem)), counts.join(", ")].join("\n");
}

/**
 * `tutum.yml:7:7: error: web.ports[0] …`; for all but notes the line, and a caret below the column. Without `error: `
 * where the severity is shown elsewhere.
 */
export function problemText(problem: Problem, { titled = true } = {}): string {
  const { severity, file, line, column, path, message, source } = problem;
  const before = source.slice(0, column - 1).replace(/[^\t]/g, " ");
  const words = `${file}:${line}:${column}: ${titled ? `${severity}: ` : ""}${path}${path && " "}${message}`;
  return printable(severity === "note" ? words : `${words}\n  ${source}\n  ${before}^`);
}

/** By file in order of appearance, then by place. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  return [...problems].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

const SETTING = /(["']?)([A-Za-z_][\w.-]*)\1\s*[=:]\s*/g;
/** A value that is not in this line: a variable, or in the lines below. */
const NOT_INLINE = /^(?:[|>&*]|["']?(?:\$\{\w+\}|\$\w+)["']?\s*$)/;
const PASSWORD_IN_ADDRESS = /(:\/\/[^\s/@:]*:)[^\s/@]+(?=@)/g;

/** The line without the values of secrets, for messages. */
export function withoutSecrets(line: string): string {
  for (const { 0: all, 2: name = "", index } of line.matchAll(SETTING)) {
    const value = line.slice(index + all.length);
    if (looksSecret(name) && value !== "" && !NOT_INLINE.test(value))
      return `${line.slice(0, -value.length)}***`;
  }
  return line.replace(PASSWORD_IN_ADDRESS, "$1***");
}

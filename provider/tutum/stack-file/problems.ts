/** What is wrong in a stack file, where, and how it is shown: file, line, column, the line itself, a caret. */
import { RunError } from "@pulumi/pulumi/errors";
import { printable } from "../../resource/printable";
import { looksSecret } from "../secret-names";

export interface Problem {
  severity: "error" | "warning";
  /** As it was given. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** `web.ports[0]`, or `services.web.ports[0]` in a Compose file; empty for the file as a whole. */
  path: string;
  message: string;
  /** The line of the file, its secrets blotted out. */
  source: string;
}

/** All that is wrong with a stack file. In a Pulumi program it ends the run with its message and no stack trace. */
export class StackFileError extends RunError {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(problemText).join("\n"));
  }
}

/** `tutum.yml:7:7: web.ports[0] …`, the line, and a caret below the column. */
export function problemText({ severity, file, line, column, path, message, source }: Problem): string {
  const before = source.slice(0, column - 1).replace(/[^\t]/g, " ");
  const words = `${severity === "warning" ? "warning: " : ""}${path}${path && " "}${message}`;
  return printable(`${file}:${line}:${column}: ${words}\n  ${source}\n  ${before}^`);
}

/** What follows the name of a secret in a line, unless it is all made of variables. */
const VALUE = /(["']?)([A-Za-z_][\w-]*)\1(\s*[=:]\s*)(?!\s|[|>&*]|["']?(?:\$\{[^}]*\}|\$\w+)["']?\s*$)(.+)$/;

/** The line as a message may show it. */
export function withoutSecrets(line: string): string {
  return line.replace(VALUE, (all, quote: string, name: string, between: string) =>
    looksSecret(name) ? `${quote}${name}${quote}${between}***` : all,
  );
}

/** What the entry of a sub-command in the table of `cli.ts` is. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** The whole answer to `--help`. */
  help: string;
  /** `args` are those behind the command's name. Resolves to the exit code; throws for the user's mistakes. */
  run(args: string[], terminal: Terminal): Promise<number>;
}

/** What a command reads and writes besides files. */
export interface Terminal {
  input: NodeJS.ReadStream | AsyncIterable<Buffer | string>;
  out: Writer;
  err: Writer;
  env: NodeJS.ProcessEnv;
}

export interface Writer {
  write(text: string): unknown;
  isTTY?: boolean;
}

/** A command line that makes no sense; `help` is the command that tells what does. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(
    message: string,
    readonly help: string,
  ) {
    super(message);
  }
}

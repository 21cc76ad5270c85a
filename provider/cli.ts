/** The `pulumi-tutum` command: arguments in, exit code out. */
import { type Command, type Terminal, UsageError } from "./commands/command";
import { postCommand } from "./commands/post";
import { reportCommand } from "./commands/report";
import { printable } from "./http/printable";
import { CLOUD_COMMANDS, REPORTED_KINDS } from "./kinds";
import { VERSION } from "./version";

/** By the name that is typed. */
const COMMANDS: Readonly<Record<string, () => Command>> = {
  report: () => reportCommand(REPORTED_KINDS),
  post: () => postCommand(REPORTED_KINDS),
  ...CLOUD_COMMANDS,
};

function help(): string {
  const lines = Object.entries(COMMANDS).map(([name, load]) => `  ${name.padEnd(10)}${load().summary}`);
  return `Usage: pulumi-tutum <command> [arguments]

Commands:
${lines.join("\n")}

pulumi-tutum <command> --help for details.
`;
}

/** Exit code of a command line that makes no sense, as of everything that fails. */
const FAILED = 1;

async function main([name = "--help", ...args]: string[], terminal: Terminal): Promise<number> {
  if (name === "--help" || name === "-h") return said(terminal, help());
  if (name === "--version") return said(terminal, `${VERSION}\n`);
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) throw new UsageError(`There is no command ${JSON.stringify(name)}.`, "pulumi-tutum --help");
  const command = load();
  if (args.includes("--help") || args.includes("-h")) return said(terminal, command.help);
  return command.run(args, terminal);
}

function said(terminal: Terminal, words: string): number {
  terminal.out.write(words);
  return 0;
}

function complaint(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A bug shows where it is; everything else is a sentence for whoever typed the command.
  const bug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return bug ? (error.stack ?? error.message) : error.message;
}

const terminal: Terminal = {
  input: process.stdin,
  out: process.stdout,
  err: process.stderr,
  env: process.env,
};
main(process.argv.slice(2), terminal).then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`pulumi-tutum: ${printable(complaint(error))}\n`);
    if (error instanceof UsageError) process.stderr.write(`Run \`${error.help}\` to see what is possible.\n`);
    process.exitCode = FAILED;
  },
);

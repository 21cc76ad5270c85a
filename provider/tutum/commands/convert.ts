import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { ParseArgsConfig } from "node:util";
import { parsed } from "../../commands/arguments";
import { type Command, UsageError } from "../../commands/command";
import { keepVariables } from "../stack-file/keep-variables";
import { problemsText } from "../stack-file/problems";
import { readServices } from "../stack-file/read-services";
import { siblingReader } from "../stack-file/sibling-reader";
import { type Program, type ProgramOptions, programOf } from "../stack-file/write-typescript";

const USAGE = "pulumi-tutum convert --help";

const HELP = `Usage: pulumi-tutum convert FILE [options]

Writes the TypeScript program that declares what a stack file of Tutum or a Compose file declares.

  --output FILE        write there, not to standard output
  --name NAME          of the stack of applications (default: what a Compose file says as \`name\`, else the file's,
                       tutum for tutum.yml)
  --variables WHERE    where the program looks up \${NAME}: environment or config (default: environment)
  --unsupported HOW    keys that the API has no counterpart for: warn of them all, or error for them all
                       (default: an error where containers would behave otherwise, else a warning)
  --profile NAME       a profile of the Compose file to enable, as often as there are some (default: those of the
                       variable COMPOSE_PROFILES)

Services of a Compose file are linked to those of their networks that they name in depends_on, in the environment or
in the command; a .env beside it is read. Both are said.

Secrets are not written into the program: an environment variable whose name is that of a secret, and all that an
env_file holds, become config.requireSecret(...); standard error says which to set.

Exit codes: 0 the program is written; 1 the file is wrong: every problem is told with line and column.
`;

const OPTIONS = {
  output: { type: "string" },
  name: { type: "string" },
  variables: { type: "string", default: "environment" },
  unsupported: { type: "string" },
  profile: { type: "string", multiple: true },
} as const satisfies ParseArgsConfig["options"];

/** `pulumi-tutum convert`: a stack file in, a TypeScript program out. */
export const convert: Command = {
  summary: "write the TypeScript program that declares what a stack file declares",
  help: HELP,
  async run(args, { out, err, env }) {
    const { values, positionals } = parsed(args, OPTIONS, USAGE);
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new UsageError("Name one stack file.", USAGE);
    const { variables, unsupported, output, profile } = values;
    if (variables !== "environment" && variables !== "config")
      throw usage("--variables must be environment or config", variables);
    if (unsupported !== undefined && unsupported !== "warn" && unsupported !== "error")
      throw usage("--unsupported must be warn or error", unsupported);
    const text = await readFile(file, "utf8").catch((error: Error) => {
      throw new Error(`${file} cannot be read: ${error.message}.`);
    });
    const { applications, problems, dotenv, name } = readServices(text, {
      file,
      unsupported,
      acceptedBy: "--unsupported warn",
      ...(profile && { profiles: profile }),
      env,
      readText: siblingReader(file),
      evaluation: keepVariables,
    });
    const program = programOf(applications, {
      name: values.name ?? name ?? fileName(file),
      variables,
      dotenv,
    });
    if (output === undefined) out.write(program.text);
    else await writeFile(output, program.text);
    if (problems.length > 0) err.write(`${problemsText(problems)}\n`);
    if (values.name === undefined && name !== undefined)
      err.write(
        `The stack is called ${name}, as the file says; fromFile calls it ${fileName(file)} unless told.\n`,
      );
    for (const line of toSet(program, variables, dotenv)) err.write(`${line}\n`);
    return 0;
  },
};

/** `tutum` for `tutum.yml`. */
function fileName(file: string): string {
  return basename(file).replace(/\.[^.]+$/, "");
}

/** What the program asks for when it runs. */
function toSet(
  { secrets, required, optional }: Program,
  where: ProgramOptions["variables"],
  dotenv: ReadonlyMap<string, string>,
): string[] {
  const variables = [...required, ...optional];
  const written = secrets
    .filter(key => !variables.includes(key))
    .map(key => `Set what the file has: pulumi config set --secret ${key}`);
  if (where === "config") {
    const asked = variables.filter(name => required.includes(name) || secrets.includes(name));
    const commands = asked.map(name => {
      const what = dotenv.has(name)
        ? "what .env has"
        : required.includes(name)
          ? "it"
          : "it, if it is not the usual";
      return `Set ${what}: pulumi config set ${secrets.includes(name) ? "--secret " : ""}${name}`;
    });
    return [
      ...written,
      ...commands,
      ...hasValue(
        optional.filter(name => !asked.includes(name)),
        "configuration",
      ),
    ];
  }
  const names = required.map(name => (dotenv.has(name) ? `${name} (.env has it)` : name));
  return [
    ...written,
    ...(names.length > 0 ? [`The program needs in its environment: ${names.join(", ")}.`] : []),
    ...hasValue(optional, "environment"),
  ];
}

function hasValue(names: readonly string[], where: string): string[] {
  return names.length === 0
    ? []
    : [`It has a value for these, unless its ${where} has another: ${names.join(", ")}.`];
}

function usage(words: string, given: string): UsageError {
  return new UsageError(`${words}, not ${JSON.stringify(given)}.`, USAGE);
}

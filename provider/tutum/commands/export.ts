import { writeFile } from "node:fs/promises";
import type { ParseArgsConfig } from "node:util";
import { parsed } from "../../commands/arguments";
import { type Command, UsageError } from "../../commands/command";
import { type Application, isTutumLookupError, TutumClient } from "../client";
import { isGone } from "../client/states";
import { OWNER_VARIABLE } from "../lifecycle/fields";
import { declarationsOf } from "../stack-file/live-applications";
import { stackFileOf } from "../stack-file/write-stack-file";
import { programOf } from "../stack-file/write-typescript";

const USAGE = "pulumi-tutum export --help";

const HELP = `Usage: pulumi-tutum export [APPLICATION...] [options]

Writes applications that exist, all of them or those named by name, unique name or uuid, as a stack file of Tutum or
as a TypeScript program that adopts them: \`pulumi up\` on it takes them over and changes nothing.

  --format NAME        stack-file or typescript (default: stack-file)
  --output FILE        write there, not to standard output
  --name NAME          of the stack of applications in the program (default: tutum)
  --account NAME       read the account of this section of ~/.tutum (default: the default account)
  --values             write environment variables with their values, secrets among them, in clear

Without --values a stack file has \${APPLICATION_NAME} in their place, and a program config.requireSecret(...);
standard error says which to set. Commands (\`command\`, \`entrypoint\`) are written as they are.

Endpoint and credentials: TUTUM_BASE_URL or TUTUM_REST_HOST; TUTUM_AUTH, ~/.tutum, or TUTUM_USER and TUTUM_APIKEY.

Exit codes: 0 written; 1 an application is not there, or cannot be read.
`;

const OPTIONS = {
  format: { type: "string", default: "stack-file" },
  output: { type: "string" },
  name: { type: "string", default: "tutum" },
  account: { type: "string" },
  values: { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

/** `pulumi-tutum export`: applications in, a stack file or a TypeScript program out. */
export const exportApplications: Command = {
  summary: "write live applications as a stack file, or as a TypeScript program that adopts them",
  help: HELP,
  async run(args, { out, err, env }) {
    const { values, positionals } = parsed(args, OPTIONS, USAGE);
    const { format, output, name, account } = values;
    if (format !== "stack-file" && format !== "typescript")
      throw new UsageError(
        `--format must be stack-file or typescript, not ${JSON.stringify(format)}.`,
        USAGE,
      );
    const applications = await read(new TutumClient({ account, env }), positionals);
    const adopt = format === "typescript";
    const declarations = declarationsOf(applications, { values: values.values, adopt });
    const { text, toSet } = adopt ? program(declarations, name, account) : stackFile(declarations, account);
    if (output === undefined) out.write(text);
    else await writeFile(output, text);
    for (const line of toSet) err.write(`${line}\n`);
    return 0;
  },
};

type Declared = ReturnType<typeof declarationsOf>;

function stackFile(declarations: Declared, account: string | undefined) {
  const { text, variables } = stackFileOf(declarations, account);
  return { text, toSet: variables.map(variable => `Set the environment variable ${variable}.`) };
}

function program(declarations: Declared, name: string, account: string | undefined) {
  const { text, secrets } = programOf(declarations, { name, variables: "config", account });
  return { text, toSet: secrets.map(secret => `Set it: pulumi config set --secret ${secret}`) };
}

/** Those named, or all, each once and in the order of the list. */
async function read({ applications }: TutumClient, references: readonly string[]): Promise<Application[]> {
  const found: Application[] = [];
  if (references.length > 0) {
    for (const reference of references) {
      const application = await named(applications, reference);
      if (isGone(application.state))
        throw new Error(`Application ${JSON.stringify(reference)} is ${application.state}.`);
      if (!found.some(({ uuid }) => uuid === application.uuid)) found.push(application);
    }
    return found;
  }
  for await (const { uuid, state } of applications.list())
    if (!isGone(state)) found.push(await applications.get(uuid));
  if (found.length === 0) throw new Error("The account has no applications.");
  return found;
}

/** Of several with the name, those that are going do not count: a replacement leaves them. */
async function named(applications: TutumClient["applications"], reference: string): Promise<Application> {
  try {
    return await applications.find(reference);
  } catch (error) {
    if (!isTutumLookupError(error) || error.candidates.length === 0) throw error;
    const living = error.candidates.filter(({ state }) => !isGone(state));
    const candidates = await Promise.all(living.map(({ uuid }) => applications.get(uuid)));
    const [only, other] = candidates;
    if (only && !other) return only;
    throw candidates.length === 0 ? error : new Error(ambiguous(reference, candidates));
  }
}

function ambiguous(reference: string, candidates: readonly Application[]): string {
  const lines = candidates.map(application => {
    const { unique_name, uuid, state, image_name, deployed_datetime } = application;
    const owner = isPulumis(application) ? "of a Pulumi stack" : "of no Pulumi stack";
    const linked = application.linked_from_application.length;
    return (
      `  ${unique_name}  ${uuid}  ${state}, ${image_name}, since ${deployed_datetime ?? "never"}, ${owner}` +
      (linked > 0 ? `, linked from ${linked}` : "")
    );
  });
  const [{ unique_name } = { unique_name: "" }] = candidates;
  return [
    `${JSON.stringify(reference)} names more than one application:`,
    ...lines,
    `Say which by its unique name or uuid: pulumi-tutum export ${unique_name}. \`pulumi stack export\` shows the uuids of a stack as ids.`,
  ].join("\n");
}

function isPulumis({ container_envvars }: Application): boolean {
  return container_envvars.some(({ key }) => key === OWNER_VARIABLE);
}

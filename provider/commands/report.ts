import { writeFile } from "node:fs/promises";
import type { ReportedKind } from "../report/kind";
import { FORMATS, type Format, render } from "../report/render";
import { exitCode, exitCodeUnder, POLICIES } from "../report/verdict";
import { parsed } from "./arguments";
import { type Command, UsageError } from "./command";
import { PREVIEW_HELP, PREVIEW_OPTIONS, readReport, renderOptions } from "./preview-arguments";

const USAGE = "pulumi-tutum report --help";
const POLICY_NAMES = Object.keys(POLICIES);

const HELP = `Usage: pulumi-tutum report [FILE...] [options]

Writes what a preview means: the verdict, a table of applications with the dangerous ones first, and a diagram of
their links. FILE is what \`pulumi preview --json\` printed or an event log; several make one report;
none, or -, is standard input.

  --format NAME       ${FORMATS.join(", ")} (default: text in a terminal, else markdown)
  --output FILE       write there, not to standard output
  --fail-on LIST      exit with 3 only for these: ${POLICY_NAMES.join(", ")}, or none
${PREVIEW_HELP}

Exit codes: 0 no changes, 2 changes, 3 something is deleted or replaced, 1 the preview or this command failed.
With --fail-on: 0, 3 when one of the list is met, 1.

Examples:
  pulumi preview --json | npx --no-install pulumi-tutum report
  npx --no-install pulumi-tutum report staging.json prod.json --format html --output report.html
  pulumi preview --json --refresh | npx --no-install pulumi-tutum report --fail-on data-loss,drift
`;

/** `pulumi-tutum report`: previews in, one report out. */
export const reportCommand = (kinds: readonly ReportedKind[]): Command => ({
  summary: "say what a preview means: table, link diagram, exit code",
  help: HELP,
  async run(args, terminal) {
    const options = {
      ...PREVIEW_OPTIONS,
      format: { type: "string" },
      output: { type: "string" },
      "fail-on": { type: "string" },
    } as const;
    const { values, positionals } = parsed(args, options, USAGE);
    const { out, env } = terminal;
    const toTerminal = out.isTTY === true && values.output === undefined;
    const format = values.format ?? (toTerminal ? "text" : "markdown");
    if (!isFormat(format))
      throw new UsageError(
        `--format must be one of ${FORMATS.join(", ")}, not ${JSON.stringify(format)}.`,
        USAGE,
      );
    const policies = policiesOf(values["fail-on"]);
    const rendering = renderOptions(values, terminal, USAGE);
    const made = await readReport(kinds, positionals, values, terminal, USAGE);
    const colour = toTerminal && (env.NO_COLOR ?? "") === "";
    const text = render(made, { ...rendering, format, colour });
    if (values.output === undefined) out.write(text);
    else await writeFile(values.output, text);
    return policies ? exitCodeUnder(made, policies) : exitCode(made);
  },
});

function isFormat(name: string): name is Format {
  return (FORMATS as readonly string[]).includes(name);
}

function policiesOf(list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined;
  const names = list.split(",").map(name => name.trim());
  if (names.length === 1 && names[0] === "none") return [];
  const unknown = names.find(name => !POLICY_NAMES.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `--fail-on takes ${POLICY_NAMES.join(", ")} or none, separated by commas, not ${JSON.stringify(unknown)}.`,
      USAGE,
    );
  return names;
}

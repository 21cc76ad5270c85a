/** The arguments that `report` and `post` share: which previews, and how they are told. */
import { readFile } from "node:fs/promises";
import type { ParseArgsConfig } from "node:util";
import { HOSTS, type HostName } from "../report/hosts";
import { UnreadableInput } from "../report/json-documents";
import type { ReportedKind } from "../report/kind";
import type { Part } from "../report/part";
import { failedPreview, type Preview } from "../report/preview";
import { readPreviews } from "../report/read-previews";
import { type RenderOptions, SHORTEST_LIMIT } from "../report/render";
import { type KindsReport, reportOf } from "../report/report";
import type { Masking } from "../report/secrets";
import { type Terminal, UsageError } from "./command";

export const PREVIEW_OPTIONS = {
  host: { type: "string" },
  "max-chars": { type: "string" },
  mask: { type: "string", multiple: true },
  unmask: { type: "string", multiple: true },
  "holds-data": { type: "string", multiple: true },
  "holds-no-data": { type: "string", multiple: true },
  target: { type: "string", short: "t", multiple: true },
  exclude: { type: "string", multiple: true },
  "target-dependents": { type: "boolean" },
  "exclude-dependents": { type: "boolean" },
  id: { type: "string" },
  declares: { type: "boolean" },
  stamp: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

export const PREVIEW_HELP = `  --host NAME         where it is shown: ${Object.keys(HOSTS).join(", ")}
  --max-chars N       longest text, at least ${SHORTEST_LIMIT} (default: what the host takes)
  --mask REGEXP       hide values whose path (containerEnvvars.NAME) or text matches; may be repeated
  --unmask NAME       show the values of this name, though it looks like a secret's; never what Pulumi marks secret
  --holds-data NAME   this application, or image, keeps data that a replacement loses; may be repeated. Known are the usual
                      databases, brokers and stores, and what the program protects; --holds-no-data NAME: it does not
  --target URN        the preview was of this alone (--exclude URN: of all but this); may be repeated. Give what pulumi preview
                      was given, also --target-dependents, --exclude-dependents: its output does not say it
  --id TEXT           name of the report, by which its comment is found again (default: project/stack)
  --declares          the stack is empty: say what the program declares, not what changes
  --stamp             end with commit and time`;

/** Values of `PREVIEW_OPTIONS` as `parseArgs` gives them. */
export interface PreviewValues {
  host?: string;
  "max-chars"?: string;
  mask?: string[];
  unmask?: string[];
  "holds-data"?: string[];
  "holds-no-data"?: string[];
  target?: string[];
  exclude?: string[];
  "target-dependents"?: boolean;
  "exclude-dependents"?: boolean;
  id?: string;
  declares?: boolean;
  stamp?: boolean;
}

/**
 * The report on the previews in the files, or in what is piped in. What cannot be read is an error, or with
 * `unreadable: "reported"` a preview that failed.
 */
export async function readReport(
  kinds: readonly ReportedKind[],
  files: readonly string[],
  values: PreviewValues,
  { input }: Terminal,
  help: string,
  unreadable: "error" | "reported" = "error",
): Promise<KindsReport> {
  const masking = maskingOf(values, help);
  if (files.length === 0 && "isTTY" in input && input.isTTY)
    throw new UsageError(
      "Name the files of previews, or pipe `pulumi preview --json` into this command.",
      help,
    );
  const previews: Preview[] = [];
  for (const file of files.length === 0 ? ["-"] : files) {
    const source = file === "-" ? "standard input" : file;
    const text = file === "-" ? await textOf(input) : await contentOf(file);
    try {
      previews.push(...readPreviews(text, source));
    } catch (error) {
      if (unreadable === "error" || !(error instanceof UnreadableInput)) throw error;
      previews.push(failedPreview(source, error.message));
    }
  }
  const data = { holdsData: values["holds-data"], holdsNoData: values["holds-no-data"] };
  return reportOf(kinds, previews, masking, data, partOf(values));
}

function partOf({
  target: targets = [],
  exclude: excludes = [],
  ...values
}: PreviewValues): Part | undefined {
  if (targets.length + excludes.length === 0) return undefined;
  return {
    targets,
    excludes,
    dependents: values["target-dependents"] === true || values["exclude-dependents"] === true,
  };
}

export function renderOptions(values: PreviewValues, { env }: Terminal, help: string): RenderOptions {
  const { host, id, declares, stamp } = values;
  if (host !== undefined && !Object.hasOwn(HOSTS, host))
    throw new UsageError(
      `--host must be one of ${Object.keys(HOSTS).join(", ")}, not ${JSON.stringify(host)}.`,
      help,
    );
  const maxChars = values["max-chars"];
  if (maxChars !== undefined && !(/^\d+$/.test(maxChars) && Number(maxChars) >= SHORTEST_LIMIT))
    throw new UsageError(
      `--max-chars must be a whole number of at least ${SHORTEST_LIMIT}, not ${JSON.stringify(maxChars)}.`,
      help,
    );
  return {
    host: host as HostName | undefined,
    maxChars: maxChars === undefined ? undefined : Number(maxChars),
    id,
    declares,
    stamp: stamp ? stampOf(env) : undefined,
  };
}

function maskingOf({ mask = [], unmask = [] }: PreviewValues, help: string): Masking {
  const patterns = mask.map(text => {
    try {
      const pattern = new RegExp(text, "u");
      if (pattern.test("")) throw new Error("it matches the empty text");
      return pattern;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--mask ${JSON.stringify(text)} is not a valid regular expression: ${why}.`, help);
    }
  });
  return { mask: patterns, unmask };
}

/** Commit and time: the only thing that makes two reports on equal previews differ. */
function stampOf(env: NodeJS.ProcessEnv): string {
  const commit = env.GITHUB_SHA ?? env.CI_COMMIT_SHA;
  const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  return commit === undefined ? `Made at ${time}.` : `Made at ${time} from commit ${commit.slice(0, 12)}.`;
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

async function textOf(input: Terminal["input"]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

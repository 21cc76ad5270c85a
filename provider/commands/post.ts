import { appendFile, readFile } from "node:fs/promises";
import { printable } from "../http/printable";
import { type CommentHost, CommentRefusal } from "../pull-request/comment-host";
import { gitHubComments } from "../pull-request/github";
import { pullRequestOf } from "../pull-request/github-event";
import { gitLabNotes } from "../pull-request/gitlab";
import { MODES, type Mode, postComment } from "../pull-request/post-comment";
import type { ReportedKind } from "../report/kind";
import { type RenderOptions, render } from "../report/render";
import type { KindsReport } from "../report/report";
import { exitCodeUnder, hasChanges } from "../report/verdict";
import { parsed } from "./arguments";
import { type Command, type Terminal, UsageError } from "./command";
import { PREVIEW_HELP, PREVIEW_OPTIONS, readReport, renderOptions } from "./preview-arguments";

const USAGE = "pulumi-tutum post --help";

const HELP = `Usage: pulumi-tutum post [FILE...] [options]

Writes the report as a comment of the pull or merge request, or updates the one that this token wrote. In GitHub Actions the
whole report also goes to the step summary. Without permission to comment it is only there (in GitLab: in the log),
with a warning, and the exit code stays 0. A FILE that cannot be read as a preview is reported as one that failed.

  --to NAME           github or gitlab (default: where this job runs)
  --number N          of the pull or merge request (default: this job's)
  --mode NAME         ${MODES.join(", ")} (default: update)
${PREVIEW_HELP}

Environment, GitHub: GITHUB_TOKEN (permission pull-requests: write), GITHUB_REPOSITORY, GITHUB_API_URL,
GITHUB_EVENT_PATH, GITHUB_STEP_SUMMARY. GitLab: GITLAB_TOKEN (scope api), CI_API_V4_URL, CI_PROJECT_ID,
CI_MERGE_REQUEST_PROJECT_ID, CI_MERGE_REQUEST_IID.

Exit codes: 0 the report is written; 1 the preview failed, or this command.
`;

/** `pulumi-tutum post`: previews in, a comment out. */
export const postCommand = (kinds: readonly ReportedKind[]): Command => ({
  summary: "write the report as a comment of the pull request, and keep it up to date",
  help: HELP,
  async run(args, terminal) {
    const options = {
      ...PREVIEW_OPTIONS,
      to: { type: "string" },
      number: { type: "string" },
      mode: { type: "string" },
    } as const;
    const { values, positionals } = parsed(args, options, USAGE);
    const mode = values.mode ?? "update";
    if (!isMode(mode))
      throw new UsageError(`--mode must be one of ${MODES.join(", ")}, not ${JSON.stringify(mode)}.`, USAGE);
    const to = values.to ?? (terminal.env.GITLAB_CI ? "gitlab" : "github");
    if (to !== "github" && to !== "gitlab")
      throw new UsageError(`--to must be github or gitlab, not ${JSON.stringify(to)}.`, USAGE);
    const rendering = renderOptions(values, terminal, USAGE);
    const report = await readReport(kinds, positionals, values, terminal, USAGE, "reported");

    await writeSummary(report, rendering, terminal);
    const code = exitCodeUnder(report, []);
    const host = to === "github" ? await gitHub(values.number, terminal) : gitLab(values.number, terminal);
    if (typeof host === "string") return withoutComment(host, report, rendering, terminal, code);
    try {
      const whole = terminal.env.GITHUB_STEP_SUMMARY ? "the summary of the workflow's run" : undefined;
      const body = render(report, { ...rendering, host: rendering.host ?? to, whole });
      const posted = await postComment(host, { body, hasChanges: report.stacks.some(hasChanges) }, mode);
      terminal.out.write(`${SAID[posted.done]} ${host.place}.\n`);
      if (posted.strangers.length > 0) warn(strangers(posted.strangers), terminal);
      return code;
    } catch (error) {
      if (!(error instanceof CommentRefusal && error.forbidden)) throw error;
      return withoutComment(error.message, report, rendering, terminal, code);
    }
  },
});

const SAID = {
  created: "Wrote a comment to",
  updated: "Updated the comment of",
  unchanged: "The comment is up to date in",
  skipped: "No changes, and no comment yet, in",
};

function isMode(name: string): name is Mode {
  return (MODES as readonly string[]).includes(name);
}

async function writeSummary(report: KindsReport, rendering: RenderOptions, { env }: Terminal): Promise<void> {
  const file = env.GITHUB_STEP_SUMMARY;
  if (file)
    await appendFile(file, render(report, { ...rendering, host: "github-summary", maxChars: undefined }));
}

/** Where there is no summary, the log has the report. */
function withoutComment(
  why: string,
  report: KindsReport,
  rendering: RenderOptions,
  terminal: Terminal,
  code: number,
): number {
  const { env, out } = terminal;
  const where = env.GITHUB_STEP_SUMMARY ? "in the step summary" : "below";
  warn(`No comment was written: ${why} The report is ${where}.`, terminal);
  if (!env.GITHUB_STEP_SUMMARY) out.write(render(report, { ...rendering, format: "text" }));
  return code;
}

function strangers(names: string[]): string {
  const by = names.map(name => (name === "" ? "an account that is gone" : printable(name))).join(", ");
  return `A comment by ${by} begins as this report does. It is left alone: this token did not write it. Delete it if nobody needs it.`;
}

/** On a line of its own, in the form in which GitHub Actions shows a warning on the run's page. */
function warn(warning: string, { env, err }: Terminal): void {
  const line = warning.replace(/\s+/g, " ");
  err.write(env.GITHUB_ACTIONS ? `::warning title=pulumi-tutum::${line}\n` : `pulumi-tutum: ${line}\n`);
}

/** The comments of this job's pull request, or in words why there are none. */
async function gitHub(number: string | undefined, { env }: Terminal): Promise<CommentHost | string> {
  const pullRequest = number === undefined ? pullRequestOf(await eventOf(env)) : numberOf(number);
  if (pullRequest === undefined) {
    const event = env.GITHUB_EVENT_NAME ? ` (${env.GITHUB_EVENT_NAME})` : "";
    return `this run${event} is for no pull request: --number names one.`;
  }
  if (!env.GITHUB_REPOSITORY) return "GITHUB_REPOSITORY is not set.";
  if (!env.GITHUB_TOKEN) return "GITHUB_TOKEN is not set: the step needs github.token in its env.";
  const { GITHUB_API_URL: apiUrl, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = env;
  const isJob = env.GITHUB_ACTIONS === "true";
  return gitHubComments({ apiUrl, repository, pullRequest, token, isJob });
}

function gitLab(number: string | undefined, { env }: Terminal): CommentHost | string {
  const mergeRequest = numberOf(number ?? env.CI_MERGE_REQUEST_IID);
  if (mergeRequest === undefined) return "this is no pipeline of a merge request (--number names one).";
  const { CI_API_V4_URL: apiUrl, GITLAB_TOKEN: token } = env;
  // A pipeline for a fork may run in the fork, where the same number is another merge request, or none.
  const project = env.CI_MERGE_REQUEST_PROJECT_ID || env.CI_PROJECT_ID;
  if (!apiUrl || !project) return "CI_API_V4_URL and CI_PROJECT_ID are not set.";
  if (!token)
    return "GITLAB_TOKEN is not set: make a project access token with the scope api, and a CI variable of it.";
  return gitLabNotes({ apiUrl, project, mergeRequest, token });
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new UsageError(`--number must be a whole number, not ${JSON.stringify(text)}.`, USAGE);
  return Number(text);
}

async function eventOf(env: NodeJS.ProcessEnv): Promise<unknown> {
  return env.GITHUB_EVENT_PATH ? JSON.parse(await readFile(env.GITHUB_EVENT_PATH, "utf8")) : undefined;
}

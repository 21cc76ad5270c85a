/**
 * The workflow files of examples/pull-request: their steps, run in order by the shell that the CI would use, with the
 * real Pulumi CLI, against a fake comment API. Only `npm ci` is done beforehand.
 */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type RunningServer, startServer } from "../../server/index";
import { pulumiCli } from "../engine/stack";
import { type CommentServer, chatter, startCommentServer, TOKEN } from "./comment-server";

jest.setTimeout(240_000);

const ROOT = join(__dirname, "../..");
const MARKER = "<!-- pulumi-tutum:shop/prod -->";

describe("the workflows of examples/pull-request", () => {
  let folder: string;
  let project: string;
  let comments: CommentServer;
  let tutum: RunningServer;
  let machine: NodeJS.ProcessEnv;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tutum-workflow-"));
    project = join(folder, "project");
    cpSync(join(ROOT, "examples/linked-apps"), project, { recursive: true });
    symlinkPackages(join(project, "node_modules"));
    comments = await startCommentServer();
    tutum = await startServer({ user: "tester", apikey: "canary-apikey", times: { start: 5 } });
    const pulumi = await pulumiCli();
    machine = {
      PATH: [stubs(folder), dirname(pulumi), process.env.PATH].join(delimiter),
      HOME: folder,
      PULUMI_HOME: join(folder, ".pulumi"),
      PULUMI_SKIP_UPDATE_CHECK: "1",
    };
  });
  afterEach(async () => {
    await Promise.all([comments.close(), tutum.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** A runner's environment: the variables that GitHub sets, and the workflow's own with its expressions filled in. */
  const gitHub = async (
    secrets: Record<string, string>,
    { file = "github-actions.yml", failOn = "none" } = {},
  ) => {
    const text = readFileSync(join(ROOT, "examples/pull-request", file), "utf8");
    const workflow = text.replace(/(FAIL_ON:) .*/, `$1 ${failOn}`);
    const known: Record<string, string> = { ...secrets, "vars.TUTUM_BASE_URL": `${tutum.url}/api/v1/` };
    known["vars.TUTUM_USER"] = "tester";
    known["github.token"] = TOKEN;
    const filled = workflow.replace(/\$\{\{ (\S+) \}\}/g, (_, name: string) => known[name] ?? "");
    const event = join(folder, "event.json");
    writeFileSync(event, JSON.stringify({ pull_request: { number: 3 } }));
    const files = { GITHUB_ENV: join(folder, "env"), GITHUB_STEP_SUMMARY: join(folder, "summary.md") };
    for (const file of Object.values(files)) writeFileSync(file, "");
    const runner = join(folder, "runner");
    mkdirSync(runner, { recursive: true });
    const env: NodeJS.ProcessEnv = {
      ...machine,
      ...files,
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: comments.url,
      GITHUB_REPOSITORY: "shop/infrastructure",
      GITHUB_EVENT_PATH: event,
      RUNNER_TEMP: runner,
      ...variables(filled, "env"),
    };
    let code = 0;
    let output = "";
    for (const step of steps(filled, "run")) {
      if (code !== 0) break;
      const written = readFileSync(files.GITHUB_ENV, "utf8").split("\n").filter(Boolean);
      const earlier = Object.fromEntries(
        written.map(line => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
      );
      const run = await shell(step, project, { ...env, ...earlier });
      code = run.code;
      output += run.output;
    }
    return { code, output, summary: readFileSync(files.GITHUB_STEP_SUMMARY, "utf8") };
  };

  /** The team's stack as it is before the pull request. */
  const teamStack = async () => {
    const backend = { PULUMI_BACKEND_URL: `file://${folder}/team`, PULUMI_CONFIG_PASSPHRASE: "team" };
    mkdirSync(join(folder, "team"));
    const env = {
      ...machine,
      ...backend,
      TUTUM_BASE_URL: `${tutum.url}/api/v1/`,
      TUTUM_AUTH: "ApiKey tester:canary-apikey",
    };
    const made = await shell(
      "pulumi stack init prod && pulumi config set --secret databasePassword canary-password && pulumi up --yes --skip-preview",
      project,
      env,
    );
    expect({ ...made, output: made.code === 0 ? "" : made.output }).toEqual({ code: 0, output: "" });
    return backend;
  };
  /** Of a backend of the team's own. */
  const secretsFor = (backend: { PULUMI_BACKEND_URL: string; PULUMI_CONFIG_PASSPHRASE: string }) => ({
    "vars.PULUMI_BACKEND_URL": backend.PULUMI_BACKEND_URL,
    "secrets.PULUMI_CONFIG_PASSPHRASE": backend.PULUMI_CONFIG_PASSPHRASE,
    "secrets.TUTUM_APIKEY": "canary-apikey",
  });
  const edit = (from: string, to: string) => {
    const program = join(project, "index.ts");
    const text = readFileSync(program, "utf8");
    expect(text).toContain(from);
    writeFileSync(program, text.replace(from, to));
  };
  /** The form in which Pulumi tells what policies found. */
  const expectEvents = () =>
    expect(readFileSync(join(project, "preview.json"), "utf8")).toContain('"summaryEvent"');
  const report = () =>
    comments.comments.filter(({ body }) => body.startsWith(MARKER)).map(({ body }) => body);

  test("GitHub: a branch previews the team's stack, push after push, in one comment", async () => {
    const backend = await teamStack();
    comments.comments.push(...chatter(120));
    edit('image: "tutum/wordpress"', 'image: "tutum/wordpress:6"');
    const secrets = secretsFor(backend);
    const first = await gitHub(secrets);
    expect({ code: first.code, output: first.code === 0 ? "" : first.output }).toEqual({
      code: 0,
      output: "",
    });
    expect(report()).toEqual([
      expect.stringContaining("`linked-apps/prod`: 1 to replace (data lost), 1 unchanged"),
    ]);
    expectEvents();
    edit('image: "tutum/wordpress:6"', 'image: "tutum/wordpress"');
    edit('config.getNumber("webContainers") ?? 1', "4");
    expect((await gitHub(secrets, { failOn: "replace,delete" })).code).toBe(0);
    expect(report()).toEqual([expect.stringContaining("scaled in place 1 → 4, no restart")]);
    edit('image: "tutum/mysql"', 'image: "Not An Image"');
    const broken = await gitHub(secrets);
    expect(broken.code).toBe(1);
    expect(report()).toEqual([expect.stringContaining("the preview failed")]);
    expect(report().join() + broken.summary).not.toContain("canary");
  });

  test("GitHub: what a pull request may not do fails it once its comment is there; what is merged is brought up", async () => {
    const secrets = secretsFor(await teamStack());
    edit('image: "tutum/wordpress"', 'image: "tutum/wordpress:6"');
    expect((await gitHub(secrets, { failOn: "replace" })).code).toBe(3);
    expect(report()).toEqual([expect.stringContaining("1 to replace")]);
    const { code, output } = await gitHub(secrets, { file: "github-apply.yml" });
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    const created = tutum.requests.filter(({ method }) => method === "POST").map(({ body }) => body);
    expect(created.at(-1)).toMatchObject({ image: "tutum/wordpress:6" });
  });

  test("GitHub: a fork, without secrets and with a read-only token, shows what the program declares", async () => {
    comments.refuse = method => (method === "GET" ? undefined : { status: 403 });
    const { code, output, summary } = await gitHub({});
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    expect(output).toContain("::warning title=pulumi-tutum::No comment was written");
    expect(summary).toContain("what this program declares: 2 applications, compared with an empty stack");
    expect(tutum.requests).toEqual([]);
  });

  /** A pipeline's script, run as GitLab's runners do. */
  const gitLab = async (more: NodeJS.ProcessEnv, edited = (pipeline: string) => pipeline) => {
    const pipeline = edited(readFileSync(join(ROOT, "examples/pull-request/gitlab-ci.yml"), "utf8"));
    const env = {
      ...machine,
      ...variables(pipeline, "variables"),
      GITLAB_CI: "true",
      CI_API_V4_URL: `${comments.url}/api/v4`,
      CI_PROJECT_ID: "7",
      CI_MERGE_REQUEST_IID: "3",
      CI_BUILDS_DIR: folder,
      ...more,
    };
    const run = await shell(["set -o pipefail", ...steps(pipeline, "script")].join("\n"), project, env);
    expect({ code: run.code, output: run.code === 0 ? "" : run.output }).toEqual({ code: 0, output: "" });
    return run.output;
  };

  test("GitLab: a branch previews the team's stack into one note", async () => {
    const backend = await teamStack();
    edit('image: "tutum/wordpress"', 'image: "tutum/wordpress:6"');
    const secrets = {
      ...backend,
      PULUMI_ACCESS_TOKEN: "token",
      TUTUM_BASE_URL: `${tutum.url}/api/v1/`,
      TUTUM_AUTH: "ApiKey tester:canary-apikey",
      GITLAB_TOKEN: TOKEN,
    };
    for (let round = 0; round < 2; round++) await gitLab(secrets);
    expectEvents();
    expect(report()).toEqual([expect.stringContaining("1 to replace (data lost), 1 unchanged")]);
  });

  test("GitLab: a fork, without variables, shows what the program declares in the log", async () => {
    const output = await gitLab({});
    expect(output).toContain("GITLAB_TOKEN is not set");
    expect(output).toContain("what this program declares: 2 applications, compared with an empty stack");
    expect([...comments.requests, ...tutum.requests]).toEqual([]);
  });

  test("a program that requires nothing needs no placeholders", async () => {
    edit('config.requireSecret("databasePassword")', '"none"');
    const output = await gitLab({}, pipeline => pipeline.replace(/(PLACEHOLDERS:) .*/, "$1"));
    expect(output).toContain("what this program declares: 2 applications");
  });
});

/** As `npm ci` would leave it, with the package under test. */
function symlinkPackages(target: string): void {
  mkdirSync(join(target, ".bin"), { recursive: true });
  mkdirSync(join(target, "@pulumi"));
  symlinkSync(join(ROOT, "node_modules/@pulumi/pulumi"), join(target, "@pulumi/pulumi"));
  for (const name of ["typescript", "@types"])
    symlinkSync(join(ROOT, "node_modules", name), join(target, name));
  symlinkSync(ROOT, join(target, "pulumi-tutum"));
  symlinkSync(join(ROOT, "bin/pulumi-tutum.js"), join(target, ".bin/pulumi-tutum"));
}

/** `npm ci` is done; everything else of npm is the real one. */
function stubs(folder: string): string {
  const bin = join(folder, "stubs");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "npm"),
    '#!/bin/sh\n[ "$*" = ci ] || { echo "unexpected: npm $*" >&2; exit 1; }\n',
    { mode: 0o755 },
  );
  appendFileSync(join(folder, ".npmrc"), "update-notifier=false\n");
  return bin;
}

/** The commands of a workflow file: `run: …`, `run: |` with what is indented below it, or the items of `script:`. */
function steps(workflow: string, kind: "run" | "script"): string[] {
  const lines = kind === "run" ? workflow : (workflow.split("\n  script:\n")[1] ?? "");
  const start = kind === "run" ? /^(\s+)(?:- )?run: (.*)$/ : /^(\s+)- (.*)$/;
  const found: string[] = [];
  let block: number | undefined;
  for (const line of lines.split("\n")) {
    const [, indent = "", command] = start.exec(line) ?? [];
    const depth = line.length - line.trimStart().length;
    if (block !== undefined && (depth > block || line.trim() === "")) found.push(`${found.pop()}${line}\n`);
    else {
      block = command === "|" ? indent.length : undefined;
      if (command !== undefined) found.push(command === "|" ? "" : command);
    }
  }
  return found;
}

/** The entries below every `env:` (or `variables:`) of the file. */
function variables(workflow: string, key: "env" | "variables"): Record<string, string> {
  const found: Record<string, string> = {};
  let depth: number | undefined;
  for (const line of workflow.split("\n")) {
    const indent = line.length - line.trimStart().length;
    const [, name, value] = /^\s+([A-Z_]+): ?(.*)$/.exec(line) ?? [];
    if (line.trim() === `${key}:`) depth = indent;
    else if (depth !== undefined && indent > depth && name)
      found[name] = (value ?? "").replace(/^"(.*)"$/, "$1");
    else if (indent <= (depth ?? 0)) depth = undefined;
  }
  return found;
}

/** As a runner runs a step: bash, stopped by the first failing command. */
function shell(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-e", "-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk;
      });
    child.on("error", reject);
    child.on("close", code => resolve({ code: code ?? -1, output }));
  });
}

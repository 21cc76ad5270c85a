import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { post } from "../../provider/commands/post";
import { type CommentServer, chatter, startCommentServer, TOKEN } from "./comment-server";
import { PREVIEWS } from "./recorded";

const MARKER = "<!-- pulumi-tutum:shop/prod -->";

describe("pulumi-tutum post", () => {
  let api: CommentServer;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    api = await startCommentServer();
    folder = mkdtempSync(join(tmpdir(), "tutum-post-"));
    writeFileSync(join(folder, "event.json"), JSON.stringify({ pull_request: { number: 12 } }));
    env = {
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: api.url,
      GITHUB_REPOSITORY: "shop/infrastructure",
      GITHUB_EVENT_PATH: join(folder, "event.json"),
      GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
      GITHUB_TOKEN: TOKEN,
    };
  });
  afterEach(async () => {
    await api.close();
    rmSync(folder, { recursive: true });
  });

  const run = async (recording: string, ...args: string[]) => {
    const said = { out: "", err: "" };
    const writer = (to: "out" | "err") => ({
      write: (text: string) => {
        said[to] += text;
      },
    });
    const file = recording === "-" ? "-" : join(PREVIEWS, `${recording}.json`);
    const terminal = { input: (async function* () {})(), out: writer("out"), err: writer("err"), env };
    const code = await post.run([file, ...args], terminal);
    return { code, ...said };
  };
  const summary = () => readFileSync(join(folder, "summary.md"), "utf8");
  const own = () => api.comments.filter(({ body }) => body.startsWith(MARKER));
  const sent = () => api.requests.filter(line => !line.startsWith("GET"));

  test("the first report is a new comment, and the whole report is in the step summary", async () => {
    expect(await run("scale")).toEqual({
      code: 0,
      out: "Wrote a comment to pull request 12 of shop/infrastructure.\n",
      err: "",
    });
    expect(sent()).toEqual(["POST /repos/shop/infrastructure/issues/12/comments"]);
    expect(own()).toHaveLength(1);
    expect(own()[0]?.body).toContain("scaled in place 1 → 5");
    expect(summary()).toContain("scaled in place 1 → 5");
  });

  test("a comment that had to be cut says that the whole is in the step summary", async () => {
    await run("200-applications", "--max-chars", "5000");
    expect(own()[0]?.body).toContain("The whole report is in the summary of the workflow's run.");
    expect(summary().length).toBeGreaterThan(20_000);
    expect(summary()).not.toContain("Left out");
  });

  test("a later report updates the comment, found on the third page among those of people", async () => {
    api.comments.push(...chatter(250), { id: 900, body: `${MARKER}\r\nof yesterday` }, ...chatter(3));
    expect((await run("scale")).out).toBe("Updated the comment of pull request 12 of shop/infrastructure.\n");
    expect(api.requests).toEqual([
      ...[1, 2, 3].map(page => `GET /repos/shop/infrastructure/issues/12/comments?per_page=100&page=${page}`),
      "PATCH /repos/shop/infrastructure/issues/comments/900",
    ]);
    expect(own()).toHaveLength(1);
  });

  test("the comment of another stack, or one that quotes the marker, is left alone", async () => {
    const others = [
      { id: 1, body: "<!-- pulumi-tutum:shop/staging -->\nother" },
      { id: 2, body: `> quoted\n${MARKER}` },
    ];
    api.comments.push(...others.map(each => ({ ...each })));
    await run("scale");
    expect(api.comments.slice(0, 2)).toEqual(others);
    expect(api.comments).toHaveLength(3);
  });

  test("an equal report sends nothing", async () => {
    await run("scale");
    api.requests.length = 0;
    expect((await run("scale")).out).toBe(
      "The comment is up to date in pull request 12 of shop/infrastructure.\n",
    );
    expect(sent()).toEqual([]);
  });

  test("a comment that is deleted meanwhile is written anew", async () => {
    api.comments.push({ id: 900, body: `${MARKER}\nold` });
    api.refuse = (method, path) =>
      method === "PATCH" && path.endsWith("/900") ? { status: 404 } : undefined;
    expect((await run("scale")).code).toBe(0);
    expect(sent().map(line => line.split(" ")[0])).toEqual(["PATCH", "POST"]);
  });

  test("mode new always writes another one", async () => {
    await run("scale", "--mode", "new");
    await run("scale", "--mode", "new");
    expect(own()).toHaveLength(2);
  });

  test("mode hide-and-new folds the old ones up", async () => {
    await run("scale");
    await run("domain", "--mode", "hide-and-new");
    expect(api.comments).toHaveLength(2);
    expect(api.comments[0]?.body).toMatch(
      /^<details><summary>An earlier report<\/summary>\n\n## .*<\/details>\n$/s,
    );
    expect(own().map(({ body }) => body)).toEqual([expect.stringContaining("its domain moves")]);
  });

  test("mode skip-no-changes waits for the first change, and then tells that it is gone", async () => {
    expect((await run("no-change", "--mode", "skip-no-changes")).out).toContain(
      "No changes, and no comment yet",
    );
    expect(api.comments).toEqual([]);
    await run("scale", "--mode", "skip-no-changes");
    await run("no-change", "--mode", "skip-no-changes");
    expect(own().map(({ body }) => body)).toEqual([expect.stringContaining("no changes, 2 unchanged")]);
  });

  test("a read-only token leaves the report in the step summary, a warning, and exit code 0", async () => {
    api.refuse = method => (method === "POST" ? { status: 403 } : undefined);
    const { code, err } = await run("scale");
    expect(code).toBe(0);
    expect(err).toBe(
      "::warning title=pulumi-tutum::No comment was written: Writing the comment failed: status 403, refused ***. The report is in the step summary.\n",
    );
    expect(summary()).toContain("scaled in place");
  });

  test("too many requests are waited for as the host asks", async () => {
    let refused = 0;
    api.refuse = () => (refused++ === 0 ? { status: 429, headers: { "Retry-After": "0" } } : undefined);
    expect((await run("scale")).code).toBe(0);
    expect(own()).toHaveLength(1);
  });

  test("a failing host is an error, the report is in the step summary all the same", async () => {
    api.refuse = () => ({ status: 500 });
    await expect(run("scale")).rejects.toThrow("Reading the comments failed: status 500, refused ***.");
    expect(summary()).toContain("scaled in place");
  });

  test("a preview that failed is written, and exits with 1", async () => {
    expect((await run("failing-check")).code).toBe(1);
    expect(own()[0]?.body).toContain("the preview failed");
  });

  test("a preview that printed nothing is a failed one, under the name that --id gives", async () => {
    expect((await run("-", "--id", "shop/prod")).code).toBe(1);
    expect(own()[0]?.body).toContain("the preview failed");
  });

  test("outside a pull request the report is in the step summary only", async () => {
    writeFileSync(join(folder, "event.json"), "{}");
    const { code, err } = await run("scale");
    expect(code).toBe(0);
    expect(err).toContain("this is no run for a pull request");
    expect(api.requests).toEqual([]);
  });

  test("a GitLab merge request gets a note, updated by PUT; without a token the report is in the log", async () => {
    env = {
      GITLAB_CI: "true",
      CI_API_V4_URL: `${api.url}/api/v4`,
      CI_PROJECT_ID: "77",
      CI_MERGE_REQUEST_IID: "5",
      GITLAB_TOKEN: TOKEN,
    };
    await run("scale");
    await run("domain");
    expect(sent()).toEqual([
      "POST /api/v4/projects/77/merge_requests/5/notes",
      "PUT /api/v4/projects/77/merge_requests/5/notes/1000",
    ]);
    Object.assign(env, { CI_PROJECT_ID: "the-fork", CI_MERGE_REQUEST_PROJECT_ID: "77" });
    await run("scale");
    expect(sent().at(-1)).toBe("PUT /api/v4/projects/77/merge_requests/5/notes/1000");
    env.GITLAB_TOKEN = undefined;
    const { code, out, err } = await run("scale");
    expect(code).toBe(0);
    expect(err).toContain("GITLAB_TOKEN is not set");
    expect(out).toContain("web: scaled in place 1 → 5, no restart");
  });
});

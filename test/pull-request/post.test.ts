import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postCommand } from "../../provider/commands/post";
import { REPORTED_KINDS } from "../../provider/kinds";
import { PREVIEWS } from "../report/recorded";
import { APP, type CommentServer, chatter, ME, slice, startCommentServer, TOKEN } from "./comment-server";

const post = postCommand(REPORTED_KINDS);
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
    api.comments.push(...chatter(250), { id: 900, body: `${MARKER}\r\nof yesterday` }, ...chatter(3, 250));
    expect((await run("scale")).out).toBe("Updated the comment of pull request 12 of shop/infrastructure.\n");
    expect(api.requests).toEqual([
      ...[1, 2, 3, 4].map(
        page => `GET /repos/shop/infrastructure/issues/12/comments?per_page=100&page=${page}`,
      ),
      "GET /user",
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

  const MALLORY = { id: 13, login: "mallory" };

  test.each<[string, (api: CommentServer) => void, { id: number; login: string }]>([
    ["a person's token", () => undefined, ME],
    [
      "an app's token, which only GraphQL tells",
      api => Object.assign(api, { me: undefined, viewer: "shop-ci[bot]" }),
      { id: 9, login: "shop-ci[bot]" },
    ],
    [
      "a job's token, of which nobody tells anything",
      api => Object.assign(api, { me: undefined, viewer: undefined }),
      APP,
    ],
  ])(
    "a comment that somebody planted is left alone, said, and an own one is written: %s",
    async (_whose, arrange, self) => {
      arrange(api);
      const planted = { id: 900, body: `${MARKER}\nLooks good to me!`, user: MALLORY };
      const apps = { ...planted, id: 901, user: { id: 14, login: self.login.replace("[bot]", "x") } };
      api.comments.push({ ...planted }, { ...apps });
      const first = await run("scale");
      expect(first.out).toBe("Wrote a comment to pull request 12 of shop/infrastructure.\n");
      expect(first.err).toContain(`A comment by mallory, ${apps.user.login} begins as this report does.`);
      expect(sent().filter(line => !line.endsWith("/graphql"))).toEqual([
        "POST /repos/shop/infrastructure/issues/12/comments",
      ]);
      for (const each of api.comments) each.user ??= self;
      expect((await run("domain")).out).toContain("Updated the comment");
      expect((await run("scale", "--mode", "hide-and-new")).out).toContain("Wrote a comment");
      expect(api.comments.slice(0, 2)).toEqual([planted, apps]);
    },
  );

  const linked = (address: (page: number) => string, size: number): CommentServer["page"] => {
    return (all, query) => {
      const page = Number(query.get("page") ?? query.get("after") ?? 1);
      const rest = all.length > page * size;
      const link = `<${address(1)}>; rel="first"${rest ? `, <${address(page + 1)}>; rel="next"` : ""}`;
      return { comments: slice(all, page, size), headers: { Link: link } };
    };
  };
  test.each<[string, CommentServer["page"], number]>([
    ["tells the next page by Link", linked(n => `https://elsewhere.invalid/x?page=${n}`, 50), 6],
    ["tells it by a cursor", linked(n => `https://elsewhere.invalid/x?after=${n}&page=${n}`, 30), 9],
    [
      "tells it by X-Next-Page, and makes pages of 50",
      (all, query) => {
        const page = Number(query.get("page"));
        const next = all.length > page * 50 ? String(page + 1) : "";
        return { comments: slice(all, page, 50), headers: { "X-Next-Page": next } };
      },
      6,
    ],
    [
      "makes pages of 50 and tells nothing",
      (all, query) => ({ comments: slice(all, Number(query.get("page")), 50) }),
      7,
    ],
    ["knows no pages", all => ({ comments: all }), 2],
  ])("a host that %s: every comment is read, and then it ends", async (_how, page, requests) => {
    api.page = page;
    api.comments.push(...chatter(253), { id: 900, body: `${MARKER}\nold` });
    expect((await run("scale")).out).toContain("Updated the comment");
    expect(api.requests.filter(line => line.includes("/comments?"))).toHaveLength(requests);
    expect(own()).toHaveLength(1);
  });

  test("a host whose pages have no end is told, and nothing is written", async () => {
    let id = 0;
    api.page = () => ({ comments: chatter(1, id++) });
    await expect(run("scale")).rejects.toThrow("does not come to an end");
    expect(sent()).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    [
      "GitHub",
      { message: "Validation Failed", errors: [{ resource: "IssueComment", message: "body is too long." }] },
      "Writing the comment failed: status 422, Validation Failed: body is too long.",
    ],
    [
      "GitHub, locked",
      { message: "Issue is locked.." },
      "Writing the comment failed: status 422, Issue is locked.",
    ],
    [
      "GitLab, a scope",
      { error: "insufficient_scope", error_description: "The request requires higher privileges" },
      "Writing the comment failed: status 422, insufficient_scope: The request requires higher privileges.",
    ],
    [
      "GitLab, a field",
      { message: { note: ["is too long (maximum is 1000000 characters)"] } },
      "Writing the comment failed: status 422, note is too long (maximum is 1000000 characters).",
    ],
  ])("the reason of a refusal is passed on: %s", async (_host, body, message) => {
    api.refuse = method => (method === "POST" ? { status: 422, body } : undefined);
    await expect(run("scale")).rejects.toThrow(new Error(message));
  });

  test("GitHub's second limit, a 403 that says how long, is waited for", async () => {
    let refused = 0;
    api.refuse = method =>
      method === "POST" && refused++ === 0 ? { status: 403, headers: { "Retry-After": "0" } } : undefined;
    expect((await run("scale")).out).toContain("Wrote a comment");
  });

  test.each<[string, unknown]>([
    ["issue_comment", { issue: { number: 12, pull_request: { url: "x" } }, comment: {} }],
    ["merge_group", { merge_group: { head_ref: "refs/heads/gh-readonly-queue/main/pr-12-0a1b2c" } }],
    ["workflow_run", { workflow_run: { pull_requests: [{ number: 12 }] } }],
  ])("a run for %s is one for its pull request", async (_event, payload) => {
    writeFileSync(join(folder, "event.json"), JSON.stringify(payload));
    expect((await run("scale")).out).toContain("pull request 12");
  });

  test.each<[string, unknown]>([
    ["push", { ref: "refs/heads/main" }],
    ["issue_comment", { issue: { number: 12 } }],
    ["workflow_run", { workflow_run: { pull_requests: [{ number: 1 }, { number: 2 }] } }],
  ])("a run for %s that is for none says what names one", async (event, payload) => {
    writeFileSync(join(folder, "event.json"), JSON.stringify(payload));
    env.GITHUB_EVENT_NAME = event;
    const { code, err } = await run("scale");
    expect([code, err]).toEqual([
      0,
      expect.stringContaining(`this run (${event}) is for no pull request: --number`),
    ]);
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
    expect(err).toContain("this run is for no pull request");
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
    const planted = { id: 2_000, body: `${MARKER}\nfine`, user: MALLORY };
    api.comments.push({ ...planted });
    expect((await run("scale")).err).toContain("A comment by mallory begins as this report does.");
    expect(api.comments[1]).toEqual(planted);
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

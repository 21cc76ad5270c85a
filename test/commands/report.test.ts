import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportCommand } from "../../provider/commands/report";
import { REPORTED_KINDS } from "../../provider/kinds";
import { PREVIEWS, recording } from "../report/recorded";

const ROOT = join(__dirname, "../..");
const file = (name: string) => join(PREVIEWS, `${name}.json`);

const report = reportCommand(REPORTED_KINDS);

const run = async (
  args: string[],
  input = "",
  terminal: { isTTY?: boolean; env?: NodeJS.ProcessEnv } = {},
) => {
  let out = "";
  const writer = {
    isTTY: terminal.isTTY,
    write: (text: string) => {
      out += text;
    },
  };
  const stdin = (async function* () {
    yield input;
  })();
  const code = await report.run(args, { input: stdin, out: writer, err: writer, env: terminal.env ?? {} });
  return { code, out };
};

describe("pulumi-tutum report", () => {
  test.each([
    ["no-change", 0],
    ["moved", 2],
    ["scale", 2],
    ["create", 2],
    ["replaced-database", 3],
    ["delete", 3],
    ["failing-check", 1],
    ["protected", 1],
  ])("of %s exits with %d", async (name, code) => {
    expect((await run([file(name)])).code).toBe(code);
  });

  test.each([
    ["none", "replaced-database", 0],
    ["delete", "replaced-database", 0],
    ["delete,replace", "replaced-database", 3],
    ["update", "scale", 3],
    ["create", "scale", 0],
    ["downtime", "replaced-database", 0],
    ["downtime", "delete-first", 3],
    ["downtime", "stop-and-start", 3],
    ["data-loss", "scale", 0],
    ["data-loss", "drift", 3],
    ["drift", "drift", 3],
    ["drift", "scale", 0],
    ["warning", "mixed", 3],
    ["none", "failing-check", 1],
  ])("--fail-on %s of %s exits with %d", async (policies, name, code) => {
    expect((await run([file(name), "--fail-on", policies])).code).toBe(code);
  });

  test("standard input, a file and several files are read alike", async () => {
    const fromFile = await run([file("scale")]);
    expect(await run([], recording("scale"))).toEqual(fromFile);
    expect(await run(["-"], recording("scale"))).toEqual(fromFile);
    const both = await run([file("scale"), file("staging")]);
    expect(await run([], recording("scale") + recording("staging"))).toEqual(both);
    expect(both.out).toContain("2 stacks: 1 to replace (data lost), 1 to update, 2 unchanged");
  });

  test("a terminal gets text, with colours unless NO_COLOR is set; anything else Markdown", async () => {
    expect((await run([file("scale")], "", { isTTY: true })).out).toContain("\u001b[33m~ update");
    const plain = await run([file("scale")], "", { isTTY: true, env: { NO_COLOR: "1" } });
    expect(plain.out).toMatch(/^shop\/prod: 1 to update/);
    expect((await run([file("scale")])).out).toMatch(/^<!-- pulumi-tutum:shop\/prod -->\n## /);
  });

  test("a preview of a part says what was looked at, also when nothing changes", async () => {
    const urn = "urn:pulumi:prod::shop::pulumi-nodejs:dynamic/tutum:Application::db";
    const limits = ["--target", urn, "-t", "**cache*", "--target-dependents"];
    expect(await run([file("no-change"), ...limits, "--format", "text"])).toEqual({
      code: 0,
      out:
        "shop/prod: no changes, 2 unchanged or not looked at\n\nLooked at: only db and **cache* and what depends on it " +
        "(--target). What the program changes elsewhere is not in this report, and counts as unchanged.\n",
    });
    const { out } = await run([file("scale"), "--exclude", urn]);
    expect(out).toContain("1 to update, 1 unchanged or not looked at");
    expect(out).toContain("Looked at: not `db` (`--exclude`). What");
    const both = await run([file("no-change"), file("staging"), "--exclude", urn, "--format", "json"]);
    const part = { targets: [], excludes: [urn], dependents: false };
    expect(JSON.parse(both.out).stacks).toMatchObject([{ part }, { part }]);
  });

  test("--output writes a file and nothing else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-report-"));
    const page = join(folder, "page.html");
    expect(await run([file("scale"), "--format", "html", "--output", page])).toEqual({ code: 2, out: "" });
    expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>/);
    rmSync(folder, { recursive: true });
  });

  test("--mask hides values by path and by text, --unmask shows what only looks like a secret", async () => {
    const masked = await run([file("each-replacement"), "--mask", "runCommand$", "--mask", "tutum/redis"]);
    expect(masked.out).not.toContain("/other.sh");
    expect(masked.out).toContain("`tutum/hello-world` → `***`");
    expect((await run([file("suspicious-names"), "--unmask", "API_TOKEN"])).out).toContain(
      "`containerEnvvars.API_TOKEN`",
    );
    expect((await run([file("suspicious-names"), "--unmask", "API_TOKEN"])).out).toContain("-new`");
    expect((await run([file("plain-becomes-secret"), "--unmask", "TOKEN_TEXT"])).out).not.toContain("canary");
  });

  test("only --stamp brings the time and the commit into a report", async () => {
    const env = { GITHUB_SHA: "0123456789abcdef" };
    expect((await run([file("scale")], "", { env })).out).not.toContain("0123456789ab");
    const stamped = await run([file("scale"), "--stamp"], "", { env });
    expect(stamped.out).toMatch(/\nMade at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ from commit 0123456789ab\.\n$/);
  });

  test.each([
    [["--format", "pdf"], '--format must be one of markdown, html, json, text, not "pdf".'],
    [["--host", "gist"], "--host must be one of github, "],
    [["--max-chars", "12"], '--max-chars must be a whole number of at least 1000, not "12".'],
    [["--fail-on", "delete,typo"], 'separated by commas, not "typo".'],
    [["--mask", "("], '--mask "(" is not a valid regular expression'],
    [["--mask", "x*"], "it matches the empty text"],
    [["--frobnicate"], "Unknown option '--frobnicate'"],
    [["missing.json"], "missing.json cannot be read: ENOENT"],
  ])("%j is refused with what would do", async (args, message) => {
    await expect(run([...args])).rejects.toThrow(message);
  });

  test.each([
    ["", "standard input is empty. Give what `pulumi preview --json` printed."],
    ["Previewing update (prod):\n", "standard input, line 1: this is not JSON."],
    [
      "\n> shop@1.0.0 preview\n> pulumi preview --json\n\n{}",
      "standard input, line 2: this is not JSON. npm adds this line: `npm run --silent` does not. Give what",
    ],
    ['{"steps": [', "standard input ends in the middle of the JSON document that begins in line 1."],
    ['{"a": 1}', "neither what `pulumi preview --json` prints nor an event of the engine."],
    ['{"steps": [{"op": 3}]}', "standard input is not what Pulumi prints: steps.0.op should be string."],
  ])("input %j is refused in a sentence", async (input, message) => {
    await expect(run([], input)).rejects.toThrow(message);
  });
});

describe("the pulumi-tutum command", () => {
  const command = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(join(ROOT, "bin/pulumi-tutum.js"), args, {
      encoding: "utf8",
      input: "",
    });
    return { status, stdout, stderr };
  };

  test("--help lists the commands, each of which has its own", () => {
    const { status, stdout } = command("--help");
    expect(status).toBe(0);
    for (const name of ["report", "post"]) {
      expect(stdout).toContain(`\n  ${name} `);
      expect(command(name, "--help").stdout).toMatch(new RegExp(`^Usage: pulumi-tutum ${name} `));
    }
  });

  test("a mistake is one sentence and where help is, with exit code 1", () => {
    expect(command("reprot")).toEqual({
      status: 1,
      stdout: "",
      stderr:
        'pulumi-tutum: There is no command "reprot".\nRun `pulumi-tutum --help` to see what is possible.\n',
    });
    expect(command("report").stderr).toMatch(/^pulumi-tutum: standard input is empty\..*\n$/);
  });

  test("the exit code of a report is the command's", () => {
    expect(command("report", file("scale")).status).toBe(2);
    expect(command("report", file("delete")).status).toBe(3);
  });
});

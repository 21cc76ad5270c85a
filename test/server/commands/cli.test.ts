/** The `tutum-server` command as people run it: the built one, in processes of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { until } from "../../until";
import { atEnd, temporaryFolder } from "../harness";

const ROOT = resolve(__dirname, "../../..");
const BIN = join(ROOT, "server/bin/tutum-server.js");

beforeAll(() => {
  const tsc = require.resolve("typescript/bin/tsc");
  const build = spawnSync(process.execPath, [tsc, "--build", "server"], { cwd: ROOT, encoding: "utf8" });
  // Of the provider only types are used: its own errors are reported by its own tests.
  const errors = build.stdout.split("\n").filter(line => line.startsWith("server/"));
  if (errors.length > 0) throw new Error(errors.join("\n"));
}, 120_000);

interface Run {
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** The exit code. */
  ended: Promise<number | null>;
}

function run(args: string[], environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...process.env, ...environment } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", data => {
    stdout += data;
  });
  child.stderr.on("data", data => {
    stderr += data;
  });
  const ended = new Promise<number | null>(done => child.on("close", done));
  atEnd(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}

async function output(args: string[], environment?: Record<string, string>) {
  const started = run(args, environment);
  const code = await started.ended;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

const newData = () => join(temporaryFolder(), "data");
const exec = (data: string, script: string) => ["exec", "--data", data, "--", process.execPath, "-e", script];
/** Runs until the file is there. */
const waitFor = (file: string) =>
  `const t = setInterval(() => require("fs").existsSync(${JSON.stringify(file)}) && clearInterval(t), 10);`;
const PRINT_SERVER = `
  const [url, headers] = [process.env.TUTUM_BASE_URL, { Authorization: process.env.TUTUM_AUTH }];
  fetch(url + "application/", { headers }).then(r => r.json()).then(b => console.log(url, b.meta.total_count));`;
const CREATE = `
  const headers = { Authorization: process.env.TUTUM_AUTH, "Content-Type": "application/json" };
  fetch(process.env.TUTUM_BASE_URL + "application/", { method: "POST", headers, body: '{"image":"tutum/redis"}' })
    .then(r => process.exit(r.status === 202 ? 0 : 1));`;

function serverPid(data: string): number | undefined {
  const file = join(data, "running.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { pid: number }).pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie is gone, though nobody has asked for its exit code (in a container without an init).
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("exec", () => {
  test("gives the command a server, finds the data again next time, and leaves no server behind", async () => {
    const data = newData();
    expect((await output(exec(data, CREATE))).code).toBe(0);
    const first = await output(exec(data, PRINT_SERVER));
    const second = await output(exec(data, PRINT_SERVER));
    expect(first.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/ 1\n$/);
    expect([second.stdout, second.stderr]).toEqual([first.stdout, ""]);
    expect(serverPid(data)).toBeUndefined();
  });

  test.each([
    ["process.exit(7)", 7],
    ["process.kill(process.pid, 'SIGKILL')", 137],
    ["process.kill(process.pid, 'SIGTERM')", 143],
  ])("passes on how the command ended: %s gives %d", async (script, code) => {
    expect((await output(exec(newData(), script))).code).toBe(code);
  });

  test("a command that does not exist is an error of one line, with exit code 127", async () => {
    const { code, stderr } = await output(["exec", "--data", newData(), "--", "no-such-command", "-x"]);
    expect([code, stderr]).toEqual([
      127,
      "tutum-server: cannot run no-such-command: there is no such command\n",
    ]);
  });

  test("two at once share one server, which ends with the last of them", async () => {
    const data = newData();
    const [go1, go2] = [join(temporaryFolder(), "go"), join(temporaryFolder(), "go")];
    const runs = [run(exec(data, PRINT_SERVER + waitFor(go1))), run(exec(data, PRINT_SERVER + waitFor(go2)))];
    await until(() => runs.every(({ stdout }) => stdout().endsWith("\n")));
    expect(runs[0]?.stdout()).toBe(runs[1]?.stdout());
    const pid = serverPid(data) as number;

    writeFileSync(go1, "");
    expect(await runs[0]?.ended).toBe(0);
    expect(isAlive(pid)).toBe(true);
    writeFileSync(go2, "");
    expect(await runs[1]?.ended).toBe(0);
    // The folder is free when `exec` returns, and the process a moment from its end.
    expect(serverPid(data)).toBeUndefined();
    await until(() => !isAlive(pid));
  });

  test("many at once end up with one server, again and again", async () => {
    const data = newData();
    for (let round = 0; round < 2; round++) {
      const results = await Promise.all(Array.from({ length: 5 }, () => output(exec(data, PRINT_SERVER))));
      expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(Array(5).fill([0, ""]));
      expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1);
    }
  });

  test("killed with SIGKILL, it leaves no server", async () => {
    const data = newData();
    const started = run(exec(data, `${PRINT_SERVER} setTimeout(() => {}, 800)`));
    await until(() => started.stdout().endsWith("\n"));
    const pid = serverPid(data) as number;
    started.process.kill("SIGKILL");
    await until(() => !isAlive(pid));
  });

  test("leaves SIGINT to the command, and hands SIGTERM on", async () => {
    const script =
      'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1_000); console.log("ready")';
    const started = run(exec(newData(), script));
    await until(() => started.stdout() !== "");
    started.process.kill("SIGINT");
    started.process.kill("SIGTERM");
    expect(await started.ended).toBe(9);
  });

  test("foreign Tutum variables and a ~/.tutum never reach the server", async () => {
    const data = newData();
    const home = temporaryFolder();
    writeFileSync(join(home, ".tutum"), "[auth]\nuser = canary\napikey = canary-key\n");
    const foreign = Object.fromEntries(
      ["USER", "APIKEY", "AUTH", "BASE_URL", "REST_HOST", "PASS", "STREAM_URL"].map(name => [
        `TUTUM_${name}`,
        "canary",
      ]),
    );
    const script = "console.log(JSON.stringify(process.env)); process.exit(0)";
    const { stdout } = await output(exec(data, script), { ...foreign, HOME: home, OTHER: "kept" });
    const seen = JSON.parse(stdout) as Record<string, string>;
    expect(
      Object.keys(seen)
        .filter(name => name.startsWith("TUTUM_"))
        .sort(),
    ).toEqual(["TUTUM_APIKEY", "TUTUM_AUTH", "TUTUM_BASE_URL", "TUTUM_SERVER_DATA", "TUTUM_USER"]);
    expect(seen).toMatchObject({ HOME: home, OTHER: "kept", TUTUM_USER: "admin" });
    expect(seen.TUTUM_AUTH).toBe(`ApiKey admin:${seen.TUTUM_APIKEY}`);
    for (const name of readdirSync(data))
      expect(readFileSync(join(data, name), "utf8")).not.toContain("canary");
  });

  test("when the server cannot start, its own error is shown", async () => {
    const data = newData();
    mkdirSync(data);
    writeFileSync(join(data, "journal-1"), "00000000 {}\n");
    const { code, stderr } = await output(exec(data, "0"));
    expect(code).toBe(1);
    expect(stderr).toContain("the server could not start");
    expect(stderr).toContain("journal-1: line 1 is damaged");
    expect(stderr).not.toContain("    at ");
  });
});

describe("start", () => {
  test("says how to use it, and ends with SIGTERM", async () => {
    const started = run(["start", "--data", newData(), "--user", "me", "--apikey", "k", "--port", "0"]);
    await until(() => started.stdout().includes("Ctrl-C"));
    const url = /export TUTUM_BASE_URL=(\S+)/.exec(started.stdout())?.[1];
    expect(started.stdout()).toContain("export TUTUM_AUTH='ApiKey me:k'");
    const answer = await fetch(`${url}application/`, { headers: { Authorization: "ApiKey me:k" } });
    expect(answer.status).toBe(200);
    started.process.kill("SIGTERM");
    expect(await started.ended).toBe(0);
  });

  test("takes key and password from the environment without printing them, and then listens where others reach it", async () => {
    const options = ["--data", newData(), "--host", "0.0.0.0"];
    const secrets = { TUTUM_SERVER_APIKEY: "from-environment", TUTUM_SERVER_PASSWORD: "password-of-mine" };
    const started = run(["start", ...options], secrets);
    await until(() => started.stdout().includes("Ctrl-C"));
    expect(started.stdout()).toContain("export TUTUM_AUTH='ApiKey admin:'\"$TUTUM_SERVER_APIKEY\"");
    expect(started.stdout()).not.toContain("from-environment");
    const port = /export TUTUM_BASE_URL=http:\/\/[^:]+:(\d+)/.exec(started.stdout())?.[1];
    const headers = { Authorization: "ApiKey admin:from-environment" };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/application/`, { headers });
    expect(answer.status).toBe(200);
    const Authorization = `Basic ${Buffer.from("admin:password-of-mine").toString("base64")}`;
    const login = await fetch(`http://127.0.0.1:${port}/api/v1/auth/`, { headers: { Authorization } });
    expect(login.status).toBe(200);
    expect(started.stdout()).not.toContain("password-of-mine");
  });

  test("with --proxy-port it says where applications answer by their names", async () => {
    const started = run(["start", "--memory", "--proxy-port", "0", "--proxy-host", "127.0.0.1"]);
    await until(() => started.stdout().includes("Ctrl-C"));
    const url = /^Applications answer at (\S+) by the name in web_public_dns\.$/m.exec(started.stdout())?.[1];
    const answer = await fetch(url as string);
    expect(await answer.text()).toBe("The Host header does not name an application.\n");
  });

  test("an exec on its data uses it and leaves it running", async () => {
    const data = newData();
    const started = run(["start", "--data", data]);
    await until(() => started.stdout().includes("Ctrl-C"));
    const pid = serverPid(data);
    expect(pid).toBe(started.process.pid);
    expect((await output(exec(data, PRINT_SERVER))).code).toBe(0);
    expect((await output(["status", "--data", data])).stdout).toContain(`(process ${pid}, used by 0 exec)`);
  });

  test("mistakes are told in one line, without a stack", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    atEnd(() => taken.close());
    await until(() => taken.listening);
    const { port } = taken.address() as AddressInfo;
    const cases: [string[], string][] = [
      [["--port", String(port)], `tutum-server: port ${port} is in use by another program`],
      [["--proxy-port", String(port)], `tutum-server: port ${port} is in use by another program`],
      [["--proxy-port", "x"], "It must be a number from 0 to 65535."],
      [["--port", "x"], "It must be a number from 0 to 65535."],
      [["--start-time", "soon"], 'It must be a time such as "2s", "500ms" or "1m".'],
      [["--prot", "1"], "Did you mean --port?"],
      [["--host", "0.0.0.0"], "needs an API key of your choice"],
      [["--host", "0.0.0.0", "--apikey", "x"], "the API key is too short where others can try: at least 16"],
      [["--password", ""], "the password must not be empty"],
      [
        ["--host", "0.0.0.0", "--apikey", "0123456789abcdef", "--password", "x"],
        "the password is too short where others can try, as it is answered with the API key: at least 16",
      ],
      [["--allow-host", "https://tutum.example.com"], 'It must be a name such as "tutum.example.com"'],
    ];
    const results = await Promise.all(cases.map(([args]) => output(["start", "--data", newData(), ...args])));
    for (const [index, [, message]] of cases.entries()) {
      expect(results[index]?.stderr).toContain(message);
      expect(results[index]?.stderr).not.toContain("    at ");
      expect(results[index]?.code).toBe(1);
    }
  });
});

test("when another program took the kept port, exec says so and goes on with a new one", async () => {
  const data = newData();
  const before = /:(\d+)\//.exec((await output(exec(data, PRINT_SERVER))).stdout)?.[1];
  const thief = createServer().listen(Number(before), "127.0.0.1");
  atEnd(() => thief.close());
  await until(() => thief.listening);
  const moved = await output(exec(data, PRINT_SERVER));
  const now = /:(\d+)\//.exec(moved.stdout)?.[1];
  expect(moved.stderr).toBe(
    `tutum-server: port ${before} is in use by another program: from now on it is ${now}\n`,
  );
  expect((await output(exec(data, PRINT_SERVER))).stdout).toBe(moved.stdout);
});

test("a server killed with SIGKILL under load has lost nothing it answered", async () => {
  const data = newData();
  const answered: string[] = [];
  for (let round = 0; round < 3; round++) {
    const started = run(["start", "--data", data, "--apikey", "k"]);
    await until(() => started.stdout().includes("Ctrl-C"));
    const url = /export TUTUM_BASE_URL=(\S+)/.exec(started.stdout())?.[1];
    const headers = { Authorization: "ApiKey admin:k", "Content-Type": "application/json" };
    for (const uri of answered) {
      expect((await fetch(new URL(uri, url), { headers })).status).toBe(200);
    }
    const writer = async () => {
      for (;;) {
        const answer = await fetch(`${url}application/`, {
          method: "POST",
          headers,
          body: '{"image":"a/b"}',
        });
        answered.push(((await answer.json()) as { resource_uri: string }).resource_uri);
      }
    };
    const writers = [1, 2, 3, 4].map(() => writer().catch(() => {}));
    const before = answered.length;
    await until(() => answered.length > before + 20);
    started.process.kill("SIGKILL");
    await Promise.all(writers);
  }
  expect(answered.length).toBeGreaterThan(60);
});

describe("status and reset", () => {
  test("tell of a server that runs, and of one that does not", async () => {
    const data = newData();
    const idle = await output(["status", "--data", data]);
    expect([idle.code, idle.stdout]).toEqual([3, `not running (data folder ${data})\n`]);
    const script = `require("child_process").spawnSync(process.execPath, [${JSON.stringify(BIN)}, "status"], { stdio: "inherit" })`;
    await output(exec(data, CREATE));
    const busy = await output(exec(data, script));
    expect(busy.stdout).toMatch(
      /^running at http:\/\/127\.0\.0\.1:\d+\/api\/v1\/ \(process \d+, used by 1 exec\)\n/,
    );
    expect(busy.stdout).toMatch(/applications: 1\n {2}(Starting|Running): 1\n/);
  });

  test.each(["without", "with"])(
    "reset removes all applications %s a running server, if told --yes",
    async kind => {
      const data = newData();
      await output(exec(data, CREATE));
      const started = kind === "with" ? run(["start", "--data", data]) : undefined;
      await until(() => !started || started.stdout().includes("Ctrl-C"));

      const asked = await output(["reset", "--data", data]);
      expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("add --yes to do it")]);
      expect((await output(["reset", "--data", data, "--yes"])).code).toBe(0);
      expect((await output(exec(data, PRINT_SERVER))).stdout).toMatch(/ 0\n$/);
      started?.process.kill("SIGTERM");
      await started?.ended;
      expect((await output(exec(data, PRINT_SERVER))).stdout).toMatch(/ 0\n$/);
    },
  );
});

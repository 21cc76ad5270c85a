import { spawn } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { pino } from "pino";
import { harmless } from "../../../server/commands/harmless";
import { createLogger, readableLines } from "../../../server/commands/log";
import { startControlled } from "../control-api";
import { startTestServer, temporaryFolder } from "../harness";

const ROOT = "/api/v1/application/";

function lines(dataDir: string): Record<string, unknown>[] {
  const text = readFileSync(join(dataDir, "server.log"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map(line => JSON.parse(line));
}

test("every request is one line of JSON with method, route, status, time and user", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ logger: createLogger({ level: "info", dataDir, quiet: true }) });
  const { resource_uri } = await server.create({ image: "tutum/hello-world" });
  await server.call("GET", `${resource_uri}?limit=1`);
  await server.call("GET", "/api/v1/nothing/", undefined, { Authorization: "ApiKey eve:canary" });
  await server.close();
  expect(lines(dataDir)).toMatchObject([
    { level: 30, msg: "request", method: "POST", route: ROOT, path: ROOT, status: 202, user: "admin" },
    { method: "GET", route: `${ROOT}:uuid/`, path: resource_uri, status: 200, user: "admin" },
    { method: "GET", route: "none", path: "/api/v1/nothing/", status: 401, user: "***" },
  ]);
  for (const line of lines(dataDir))
    expect(line).toMatchObject({ ms: expect.any(Number), time: expect.any(Number) });
  expect(statSync(join(dataDir, "server.log")).mode & 0o777).toBe(0o600);
});

test("no key, password, token or value of a variable is logged", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const logger = createLogger({ level: "trace", dataDir, quiet: true });
  const server = await startControlled({ logger, apikey: "canary-key", password: "canary-password" });
  await server.create({ image: "a/b", container_envvars: [{ key: "A", value: "canary-value" }] });
  await server.call("POST", ROOT, '{"image": "canary-broken', { "Content-Type": "application/json" });
  await server.call("POST", "/api/v1/image/", { name: "me/app", password: "canary-image" });
  await fetch(`${server.url}${ROOT}?username=admin&api_key=canary-query`);
  await server.ask("GET", "state");
  await server.close();
  const text = readFileSync(join(dataDir, "server.log"), "utf8");
  expect(text).not.toContain("canary");
  expect(text).not.toContain(server.control?.token);
});

test("what is below the level is left out", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ logger: createLogger({ level: "warn", dataDir, quiet: true }) });
  await server.get(ROOT);
  await server.close();
  expect(readFileSync(join(dataDir, "server.log"), "utf8")).toBe("");
});

test("control characters and those for the direction of text become visible", () => {
  const evil = "a\u001b[2Jb\u0007\r\u009bc\u202ed\u200b\u2028e\nf";
  const shown = "a\\u001b[2Jb\\u0007\\u000d\\u009bc\\u202ed\\u200b\\u2028e\nf";
  expect(harmless({ user: evil, deep: { list: [evil] }, status: 200 })).toEqual({
    user: shown,
    deep: { list: [shown] },
    status: 200,
  });
});

test("what a client sends cannot move the cursor of a terminal that shows the log", async () => {
  const terminal = new PassThrough();
  let shown = "";
  terminal.on("data", chunk => {
    shown += chunk;
  });
  const log = pino({ formatters: { log: fields => harmless(fields) } }, readableLines(terminal, false));
  const server = await startTestServer({ logger: log, user: "eve\u001b[2J\u202e" });
  const user = "eve\u001b[2J\u202e";
  const credentials = Buffer.from(`${user}:${server.apikey}`).toString("base64");
  await server.call("GET", ROOT, undefined, { Authorization: `Basic ${credentials}` });
  await server.close();
  expect(shown).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: request \{.*"status":200.*\}\n$/);
  expect(shown).toContain("eve\\u001b[2J\\u202e");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

describe("the commands", () => {
  const BIN = resolve(__dirname, "../../../server/bin/tutum-server.js");

  function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [BIN, ...args]);
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", data => {
      output.stdout += data;
    });
    child.stderr.on("data", data => {
      output.stderr += data;
    });
    return new Promise(done => child.on("close", code => done({ code, ...output })));
  }

  test("exec hands its options to the server it starts: seed, virtual clock, log level, control API", async () => {
    const folder = temporaryFolder();
    const [data, seed] = [join(folder, "data"), join(folder, "seed.json")];
    writeFileSync(seed, '{"applications": {"web": {"image": "tutum/hello-world"}}}');
    const script = `
      const { TUTUM_SERVER_CONTROL_URL: url, TUTUM_SERVER_CONTROL_TOKEN: token } = process.env;
      const ask = path => fetch(url + path, { headers: { Authorization: "Bearer " + token } }).then(r => r.json());
      Promise.all([ask("state"), ask("clock")]).then(([state, clock]) =>
        console.log(JSON.stringify([state.applications, clock.virtual])));`;
    const options = ["--data", data, "--seed", seed, "--virtual-clock", "--log-level", "error", "--control"];
    const { code, stdout, stderr } = await run("exec", ...options, "--", process.execPath, "-e", script);
    expect([code, stderr, stdout]).toEqual([0, "", '[{"Running":1},true]\n']);
    expect(readFileSync(join(data, "server.log"), "utf8")).toBe("");
  });

  test("exec tells what a server that runs already cannot do", async () => {
    const folder = temporaryFolder();
    const [data, seed] = [join(folder, "data"), join(folder, "seed.json")];
    writeFileSync(seed, '{"applications": {}}');
    const server = await startTestServer({ dataDir: data });
    const ignored = await run("exec", "--data", data, "--virtual-clock", "--start-time", "1ms", "--", "true");
    expect(ignored).toEqual({
      code: 0,
      stdout: "",
      stderr: "tutum-server: a server runs already: --start-time, --virtual-clock without effect\n",
    });
    for (const option of [["--control"], ["--seed", seed]]) {
      const refused = await run("exec", "--data", data, ...option, "--", "echo", "ran");
      const stderr = `tutum-server: the server at ${server.url} was started without --control\n`;
      expect(refused).toEqual({ code: 1, stdout: "", stderr });
    }
  });

  test("a seed with mistakes is told line by line, and the command is not run", async () => {
    const folder = temporaryFolder();
    const seed = join(folder, "seed.json");
    writeFileSync(seed, '{"applications": {"web": {"target_num_containers": 0}}}');
    const exec = ["exec", "--data", join(folder, "data"), "--seed", seed, "--", "echo", "ran"];
    const start = ["start", "--memory", "--seed", seed];
    const expected = [
      `tutum-server: the seed ${seed} is not acceptable:`,
      '  web: image: This field is required: the image to deploy, as in "tutum/hello-world".',
      "  web: target_num_containers: 0 is not an integer from 1 to 100.",
      "",
    ].join("\n");
    for (const result of await Promise.all([run(...exec), run(...start)])) {
      expect(result).toEqual({ code: 1, stdout: "", stderr: expected });
    }
  });
});

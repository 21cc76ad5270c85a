/** The log and the crash net: what happened is found where the documents send people, and nothing fails for it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogFile } from "../../../server/commands/log-file";
import { temporaryFolder } from "../harness";
import { ask, buildServer, listAll, runServer } from "../server-process";

beforeAll(buildServer, 120_000);

test("a log is put aside by its size while it is written, and no more than so many files are kept, for their owner alone", () => {
  const folder = temporaryFolder();
  const file = join(folder, "server.log");
  const log = new LogFile(file, () => {}, { bytes: 1_000, files: 3 });
  for (let line = 0; line < 200; line++) log.write(`{"line":${line},"padding":"${"x".repeat(80)}"}\n`);
  expect(readdirSync(folder).sort()).toEqual(["server.log", "server.log.1", "server.log.2"]);
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, name)).size).toBeLessThan(1_200);
  }
  const lines = ["server.log.2", "server.log.1", "server.log"].flatMap(name =>
    readFileSync(join(folder, name), "utf8").trim().split("\n"),
  );
  const numbers = lines.map(line => (JSON.parse(line) as { line: number }).line);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => 200 - numbers.length + n));
});

test("lines that cannot be written are counted and told later, and it is complained once", () => {
  const folder = join(temporaryFolder(), "logs");
  const complaints: string[] = [];
  const log = new LogFile(join(folder, "server.log"), problem => void complaints.push(problem));
  for (let line = 0; line < 3; line++) log.write("lost\n");
  mkdirSync(folder);
  log.write('{"msg":"kept"}\n');
  const lines = readFileSync(join(folder, "server.log"), "utf8").trim().split("\n");
  expect(lines.map(line => JSON.parse(line))).toEqual([
    expect.objectContaining({ dropped: 4, msg: "lines were dropped: the log could not be written" }),
    { msg: "kept" },
  ]);
  expect(complaints).toEqual([expect.stringContaining("cannot write")]);
});

test("a stranger's long path is cut in the log", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = runServer(dataDir);
  const url = await server.ready;
  await ask(url, "GET", `/${"p".repeat(8_000)}`);
  expect(await listAll(url)).toEqual([]);
  server.kill("SIGTERM");
  await server.ended;
  const lines = readFileSync(join(dataDir, "server.log"), "utf8").split("\n");
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(3_000);
});

describe("an error that nobody foresaw", () => {
  /** A program that has the net, and then fails. */
  function crash(failure: string, dataDir: string) {
    const net = JSON.stringify(join(__dirname, "../../../server/dist/commands/crash-net.js"));
    const script = `
      const net = require(${net}).catchCrashes(${JSON.stringify(dataDir)});
      net.hide(["secret-key"]);
      ${failure}
      setInterval(() => {}, 1_000);`;
    return spawnSync(process.execPath, ["-e", script], { encoding: "utf8", timeout: 20_000 });
  }

  test.each([
    ["uncaught exception", 'setImmediate(() => { throw new Error("boom secret-key"); });'],
    ["unhandled rejection", 'Promise.reject(new Error("boom secret-key"));'],
    ["uncaught exception", "setImmediate(() => { throw { code: 'secret-key' }; });"],
  ])("ends the server with exit code 70, in server.log and on the error output: %s", (kind, failure) => {
    const dataDir = temporaryFolder();
    const { status, stderr } = crash(failure, dataDir);
    expect(status).toBe(70);
    expect(stderr).toContain(`tutum-server: the server ends: ${kind}: `);
    const log = readFileSync(join(dataDir, "server.log"), "utf8");
    expect(JSON.parse(log)).toMatchObject({ level: 60, msg: `the server ends: ${kind}` });
    expect(stderr + log).not.toContain("secret-key");
    expect(statSync(join(dataDir, "server.log")).mode & 0o777).toBe(0o600);
  });

  test("is told on the error output where the log cannot be written", () => {
    const dataDir = temporaryFolder();
    rmSync(dataDir, { recursive: true });
    const { status, stderr } = crash('throw new Error("boom")', dataDir);
    expect([status, stderr]).toEqual([70, expect.stringContaining("boom")]);
  });
});

test("the error output of a server that exec started is server.err in its folder", () => {
  const dataDir = join(temporaryFolder(), "data");
  const bin = join(__dirname, "../../../server/bin/tutum-server.js");
  const environment = { ...process.env, NODE_OPTIONS: "--trace-uncaught" };
  const run = spawnSync(process.execPath, [bin, "exec", "--data", dataDir, "--", "true"], {
    encoding: "utf8",
    env: environment,
  });
  expect(run.status).toBe(0);
  expect(readdirSync(dataDir).filter(name => name.endsWith(".err"))).toEqual(["server.err"]);
  expect(statSync(join(dataDir, "server.err")).mode & 0o777).toBe(0o600);
  writeFileSync(join(dataDir, "server.err"), "");
});

/** One folder, one server: whatever container, network or machine the other one is in. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import type { Application, Page } from "../../../../provider/tutum/client";
import { livingHolder, lockFolder } from "../../../../server/host/storage/lock";
import { until } from "../../../until";
import { type ErrorBody, startTestServer, temporaryFolder } from "../../harness";
import { APPLICATIONS, ask, buildServer, listAll, runServer } from "../../server-process";

beforeAll(buildServer, 120_000);

const IN_USE = /is in use by another tutum-server \(process \d+/;
/** Text of the lock of a process on another machine. */
const ELSEWHERE = "1.1.0a0b0c0d.1.0a0b0c0d";

const namespaces = reason();
if (namespaces) process.stderr.write(`skipped: locks between PID namespaces (${namespaces})\n`);
const isolated = namespaces ? test.skip : test;

function reason(): string | undefined {
  const run = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "--net", "true"], {
    encoding: "utf8",
  });
  if (run.error) return "unshare is not installed";
  return run.status === 0 ? undefined : `it needs root: ${run.stderr.trim()}`;
}

const newFolder = () => {
  const folder = join(temporaryFolder(), "data");
  mkdirSync(folder);
  return folder;
};

isolated.each([
  ["PID namespace", ["unshare", "--pid", "--fork", "--mount-proc"]],
  ["PID namespace and network", ["unshare", "--pid", "--fork", "--mount-proc", "--net"]],
])("a second server in another %s is refused, and nothing is lost", async (_name, wrapper) => {
  const dataDir = newFolder();
  const first = runServer(dataDir);
  const url = await first.ready;
  await ask(url, "POST", APPLICATIONS, { image: "tutum/redis" });
  const second = await runServer(dataDir, wrapper).ended;
  expect([second.code, second.stderr]).toEqual([
    75,
    expect.stringMatching(/in use by another tutum-server \(process \d+ in another container\)\n$/),
  ]);
  expect((await ask(url, "POST", APPLICATIONS, { image: "tutum/redis" })).status).toBe(202);
  first.kill("SIGKILL");
  await first.ended;
  const third = runServer(dataDir);
  expect(await listAll(await third.ready)).toHaveLength(2);
});

isolated("a server in a PID namespace keeps the folder, and frees it when it is killed", async () => {
  const dataDir = newFolder();
  const inside = runServer(dataDir, ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]);
  await ask(await inside.ready, "POST", APPLICATIONS, { image: "tutum/redis" });
  await expect(startTestServer({ dataDir })).rejects.toThrow(IN_USE);
  inside.kill("SIGKILL");
  await inside.ended;
  const server = await until(() => startTestServer({ dataDir }).catch(() => undefined));
  expect((await server.get<Page<Application>>(APPLICATIONS)).meta.total_count).toBe(1);
});

test("killed with SIGKILL, a server frees the folder at once; stopped with SIGSTOP, it keeps it", async () => {
  const dataDir = newFolder();
  const first = runServer(dataDir);
  await first.ready;
  first.kill("SIGSTOP");
  await expect(startTestServer({ dataDir })).rejects.toThrow(IN_USE);
  first.kill("SIGKILL");
  await first.ended;
  // No heartbeat is waited for.
  const warnings: string[] = [];
  const logger = { info() {}, error() {}, warn: (_: object, message: string) => void warnings.push(message) };
  await startTestServer({ dataDir, logger });
  expect(warnings).toEqual([]);
});

test("the socket is found in a folder whose path is longer than a socket's address", async () => {
  const folder = join(temporaryFolder(), ...Array.from({ length: 8 }, () => "x".repeat(30)));
  mkdirSync(folder, { recursive: true });
  const lock = await lockFolder(folder);
  expect(readdirSync(folder).filter(name => name.endsWith(".sock"))).toHaveLength(1);
  await expect(lockFolder(folder)).rejects.toThrow(IN_USE);
  lock.release();
  expect(readdirSync(folder)).toEqual(["lock.1"]);
});

test("another machine's server has the folder as long as its heartbeat is seen", async () => {
  const folder = newFolder();
  const file = join(folder, "lock.3");
  symlinkSync(ELSEWHERE, file);
  let beat = 1;
  const beating = setInterval(() => lutimesSync(file, ++beat, beat), 20);
  const waited: string[] = [];
  const options = { patience: 2_000, onWait: (holder: string) => void waited.push(holder) };
  try {
    await expect(lockFolder(folder, options)).rejects.toThrow("(process 1 on another machine)");
  } finally {
    clearInterval(beating);
  }
  (await lockFolder(folder, options)).release();
  expect(waited).toEqual(["process 1 on another machine", "process 1 on another machine"]);
});

test("of many that find a lock left behind, one gets it", async () => {
  const folder = newFolder();
  for (let round = 0; round < 10; round++) {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const locks = results.flatMap(result => (result.status === "fulfilled" ? [result.value] : []));
    expect(locks).toHaveLength(1);
    expect(locks[0]?.holds()).toBe(true);
    locks[0]?.release();
    expect(await livingHolder(folder)).toBeUndefined();
  }
});

test.each(["", "released", "null", '{"pid":"x"}', '{"pid":-1}', "{"])(
  "a lock file with %j is nobody's",
  async text => {
    const folder = newFolder();
    writeFileSync(join(folder, "lock.4"), text);
    (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual(["lock.5"]);
  },
);

test("what killed servers left of their locks is removed by the next one", async () => {
  const folder = newFolder();
  const dead = runServer(folder);
  await dead.ready;
  dead.kill("SIGKILL");
  await dead.ended;
  writeFileSync(join(folder, "lock-draft.77.1"), "");
  (await lockFolder(folder)).release();
  expect(readdirSync(folder).filter(name => name.startsWith("lock"))).toEqual(["lock.2"]);
});

/** As if another machine's server had taken this one for dead. */
function takeOver(folder: string): void {
  const mine = readdirSync(folder).find(name => /^lock\.\d+$/.test(name)) as string;
  symlinkSync(ELSEWHERE, join(folder, `lock.${Number(mine.slice(5)) + 1}`));
  rmSync(join(folder, mine));
}

const dataOf = (folder: string) =>
  readdirSync(folder).filter(name => /^(journal|snapshot|closed)/.test(name));

test("a server whose folder was taken over stores nothing more, answers 503, says why, and ends", async () => {
  const dataDir = newFolder();
  const errors: string[] = [];
  const logger = { info() {}, warn() {}, error: (_: object, message: string) => void errors.push(message) };
  let lost = 0;
  const server = await startTestServer({ dataDir, logger, onLost: () => lost++ });
  await server.create({ image: "tutum/redis" });
  const before = dataOf(dataDir);
  takeOver(dataDir);
  for (let attempt = 0; attempt < 2; attempt++) {
    const { status, body } = await server.call<ErrorBody>("POST", APPLICATIONS, { image: "tutum/redis" });
    expect([status, body.error]).toEqual([503, expect.stringContaining("taken over the data folder")]);
  }
  expect((await server.get<Page<Application>>(APPLICATIONS)).meta.total_count).toBe(1);
  expect([lost, errors]).toEqual([
    1,
    expect.arrayContaining(["another server has taken over the data folder"]),
  ]);
  await server.close();
  expect(dataOf(dataDir)).toEqual(before);
  expect(readlinkSync(join(dataDir, "lock.2"))).toBe(ELSEWHERE);
});

test("a server that loses its folder while nothing happens ends by itself with exit code 76", async () => {
  const dataDir = newFolder();
  const server = runServer(dataDir);
  await server.ready;
  takeOver(dataDir);
  const { code, stderr } = await server.ended;
  expect([code, stderr]).toEqual([
    76,
    `tutum-server: another server has taken over ${dataDir}: this one ends\n`,
  ]);
});

describe("stop", () => {
  const BIN = join(__dirname, "../../../../server/bin/tutum-server.js");

  async function stop(dataDir: string) {
    const child: ChildProcess = spawn(process.execPath, [BIN, "stop", "--data", dataDir]);
    const text: string[] = [];
    child.stdout?.on("data", data => text.push(String(data)));
    child.stderr?.on("data", data => text.push(String(data)));
    const code = await new Promise<number | null>(done => child.on("close", done));
    return { code, text: text.join("") };
  }

  test("asks the server, and returns when it has ended", async () => {
    const dataDir = newFolder();
    const server = runServer(dataDir);
    const url = await server.ready;
    expect(await stop(dataDir)).toEqual({ code: 0, text: `stopped the server at ${url}\n` });
    expect(await server.ended).toMatchObject({ code: 0, signal: null });
    expect((await stop(dataDir)).code).toBe(3);
  });

  test("never ends a process by a number, and says what to do when the server does not answer", async () => {
    const dataDir = newFolder();
    const server = runServer(dataDir);
    await server.ready;
    const bystander = spawn("sleep", ["600"]);
    writeFileSync(
      join(dataDir, "running.json"),
      JSON.stringify({ pid: bystander.pid, url: "http://127.0.0.1:9" }),
    );
    const { code, text } = await stop(dataDir);
    expect([code, text]).toEqual([1, expect.stringMatching(/a server has .* and does not answer here at/)]);
    expect(text).toContain("end it where it was started");
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill("SIGKILL");
    server.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
  });

  test("for a copy of the folder it does not end the original's server", async () => {
    const dataDir = newFolder();
    const server = runServer(dataDir);
    const url = await server.ready;
    const copy = join(temporaryFolder(), "copy");
    spawnSync("cp", ["-a", dataDir, copy]);
    expect(await stop(copy)).toMatchObject({ code: 3 });
    expect((await ask(url, "GET", APPLICATIONS)).status).toBe(200);
  });

  test("a program that answers at the server's old address is not taken for it", async () => {
    const dataDir = newFolder();
    const other = createServer(socket => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
    const port = await new Promise<number>(done => {
      other.listen(0, "127.0.0.1", () => done((other.address() as { port: number }).port));
    });
    const server = runServer(dataDir);
    await server.ready;
    server.kill("SIGKILL");
    await server.ended;
    writeFileSync(
      join(dataDir, "running.json"),
      JSON.stringify({ pid: process.pid, url: `http://127.0.0.1:${port}` }),
    );
    expect((await stop(dataDir)).code).toBe(3);
    other.close();
  });
});

test("a visitor of the socket who stays does not keep the server from ending", async () => {
  const dataDir = newFolder();
  const server = runServer(dataDir);
  await server.ready;
  const name = readdirSync(dataDir).find(file => file.endsWith(".sock")) as string;
  const visitor = connect(join(dataDir, name));
  const closed = new Promise(done => visitor.on("close", done));
  visitor.on("error", () => {}).resume();
  server.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
  await closed;
});

/**
 * A crash, a full disk or a failing disk at every system call by which the server keeps its data: strace injects the
 * fault at the first such call, the second, and so on until none is left. Afterwards the data is opened in-process.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Application, Page } from "../../../../provider/tutum/client";
import { startTestServer, temporaryFolder } from "../../harness";
import { APPLICATIONS, ask, buildServer, runServer } from "../../server-process";

const missing = reason();
if (missing) process.stderr.write(`skipped: crash points (${missing})\n`);
const traced = missing ? test.skip : test;

function reason(): string | undefined {
  const run = spawnSync("strace", ["-qq", "-f", "-e", "trace=none", "true"], { encoding: "utf8" });
  if (run.error) return "strace is not installed";
  return run.status === 0 ? undefined : `strace does not work here: ${run.stderr.trim()}`;
}

/** Files whose calls count; strace follows them by name. */
const DATA = [1, 2, 3, 4].flatMap(n => [
  `journal-${n}`,
  `journal-${n}.tmp`,
  `snapshot-${n}`,
  `snapshot-${n}.tmp`,
]);
const STORE = ["", ...DATA, "closed", "closed.tmp"];
const AROUND = [
  "settings.json",
  "settings.json.tmp",
  "running.json",
  "running.json.tmp",
  "lock.1",
  "lock.2",
  "lock.3",
  "lock.4",
];

const HOST = "new.example.com";

interface Outcome {
  /** What the client has answers for, in order. */
  answered: string[];
  /** Statuses of answers that were no success. */
  refused: number[];
  started: boolean;
  stderr: string;
  /** strace met the call it was to spoil. */
  injected: boolean;
}

let folders: string;
let serial = 0;

/** Two applications, two generations of files. */
async function prepare(dataDir: string): Promise<void> {
  for (const name of ["one", "two"]) {
    const server = runServer(dataDir);
    const url = await server.ready;
    await ask(url, "POST", APPLICATIONS, { image: "tutum/hello-world", name });
    server.kill("SIGTERM");
    await server.ended;
  }
  forgetPort(dataDir);
}

/** Several servers run on copies of one folder at once: with its port, one would answer for another that was killed. */
function forgetPort(dataDir: string): void {
  const settings = join(dataDir, "settings.json");
  const { port: _port, ...others } = JSON.parse(readFileSync(settings, "utf8"));
  writeFileSync(settings, JSON.stringify(others));
}

/** Starts on a copy, creates, changes, ends; one call is spoilt on the way. */
async function run(
  from: string | undefined,
  files: string[],
  fault: string,
): Promise<Outcome & { dataDir: string }> {
  const dataDir = join(folders, `run-${++serial}`);
  const log = `${dataDir}.strace`;
  if (from) cpSync(from, dataDir, { recursive: true });
  else mkdirSync(dataDir);
  const paths = files.flatMap(file => ["-P", join(dataDir, file).replace(/\/$/, "")]);
  const calls = fault.split(":")[0] as string;
  const server = runServer(dataDir, [
    // Tracing only some calls is faster, but strace 6.1 then now and then misses to send the signal.
    ...["strace", "-f", "-qq", "-o", log, ...(fault.includes("signal") ? [] : ["--seccomp-bpf"])],
    ...["-e", `trace=${calls}`, "-e", `inject=${fault}`, ...paths],
  ]);
  const outcome: Outcome = { answered: [], refused: [], started: false, stderr: "", injected: false };
  try {
    const url = await server.ready;
    outcome.started = true;
    let uri = "";
    const steps: [name: string, method: string, path: () => string, body?: object][] = [
      [
        "create",
        "POST",
        () => APPLICATIONS,
        { image: "tutum/hello-world", name: "new", target_num_containers: 2 },
      ],
      ["change", "PATCH", () => uri, { web_public_dns: HOST, autorestart: "ALWAYS" }],
      ["create again", "POST", () => APPLICATIONS, { image: "tutum/hello-world", name: "last" }],
    ];
    for (const [name, method, path, body] of steps) {
      if (name === "change" && !uri) continue;
      const answer = await ask(url, method, path(), body);
      if (answer.status === 202) outcome.answered.push(name);
      else outcome.refused.push(answer.status);
      if (name === "create" && answer.status === 202) uri = answer.body.resource_uri;
    }
    const seen = await ask<Page<Application>>(url, "GET", APPLICATIONS);
    // What it shows, it has: it says so itself in the end.
    expect(seen.status).toBe(200);
  } catch {
    // The connection was lost, or it did not start.
  }
  server.kill("SIGTERM");
  const { stderr, signal } = await server.ended;
  outcome.stderr = stderr;
  // Nobody else has killed it.
  outcome.injected = signal === "SIGKILL" || readFileSync(log, "utf8").includes("(INJECTED)");
  return { ...outcome, dataDir };
}

/** The folder opens, with all that was answered, and with nothing half there. */
async function verify({ dataDir, answered }: Outcome & { dataDir: string }, before: string[]): Promise<void> {
  // Whole, if it is there.
  if (existsSync(join(dataDir, "settings.json"))) forgetPort(dataDir);
  const server = await startTestServer({ dataDir });
  const { objects } = await server.get<Page<Application>>(`${APPLICATIONS}?limit=100`);
  const names = objects.map(({ name }) => name);
  expect(names.filter(name => before.includes(name))).toEqual(before);
  const made = objects.find(({ name }) => name === "new");
  if (answered.includes("create")) expect(made).toBeDefined();
  if (answered.includes("create again")) expect(names).toContain("last");
  if (answered.includes("change"))
    expect(made).toMatchObject({ web_public_dns: HOST, autorestart: "ALWAYS" });
  if (made) {
    const host = made.web_public_dns ?? null;
    expect([host, made.autorestart, made.current_num_containers]).toEqual(
      host ? [HOST, "ALWAYS", 2] : [null, "OFF", 2],
    );
  }
  await server.create({ image: "tutum/redis" });
  await server.close();
  // Nothing half-written stays.
  expect(readdirSync(dataDir).filter(name => /(journal|snapshot|closed).*\.tmp$/.test(name))).toEqual([]);
}

const READABLE = /^(tutum-server: .*\n)?$/;

/** Spoils the first such call, the second, ... until there are no more; returns how many there were. */
async function everyCall(
  from: string | undefined,
  files: string[],
  call: string,
  fault: string,
): Promise<number> {
  const before = from ? ["one", "two"] : [];
  for (let n = 1; ; n++) {
    const outcome = await run(from, files, `${call}:${fault}:when=${n}`);
    const label = `${call} ${fault} ${n}`;
    if (!outcome.injected) {
      expect([label, outcome.answered, outcome.refused]).toEqual([
        label,
        ["create", "change", "create again"],
        [],
      ]);
      return n - 1;
    }
    try {
      // A failing disk is answered with its status; a crash is no answer at all.
      for (const status of outcome.refused) expect([503, 507]).toContain(status);
      if (fault.startsWith("error") && !outcome.started) expect(outcome.stderr).toMatch(READABLE);
      await verify(outcome, before);
    } catch (error) {
      throw new Error(
        `after ${label} (answered: ${outcome.answered.join(", ")}): ${(error as Error).message}`,
      );
    }
    for (const path of [outcome.dataDir, `${outcome.dataDir}.strace`]) rmSync(path, { recursive: true });
  }
}

beforeAll(buildServer, 120_000);
beforeEach(() => {
  folders = temporaryFolder();
});

const KILLED = ["pwrite64", "write", "fdatasync", "fsync", "/^rename", "/^unlink"];
const FAILED = ["pwrite64", "write", "fdatasync", "fsync", "/^rename"];

const counts: string[] = [];
afterAll(() => {
  if (counts.length > 0) process.stderr.write(`crash points: ${counts.join(", ")}\n`);
});

async function everyPoint(from: string | undefined, calls: string[], fault: string): Promise<void> {
  let points = 0;
  for (const files of [STORE, AROUND]) {
    // Two at a time: each is mostly the start of a process.
    const found = await Promise.all(calls.map(call => everyCall(from, files, call, fault)));
    points += found.reduce((sum, count) => sum + count, 0);
  }
  counts.push(`${fault} ${points}`);
  // Fewer would mean that strace does not see them.
  expect(points).toBeGreaterThanOrEqual(25);
}

traced(
  "a crash at any call that writes, syncs, renames or removes loses nothing that was answered",
  async () => {
    const from = join(folders, "before");
    await prepare(from);
    await everyPoint(from, KILLED, "signal=KILL");
  },
  240_000,
);

traced(
  "a crash at any such call of the very first start neither",
  async () => {
    await everyCall(undefined, STORE, "fsync", "signal=KILL");
    await everyCall(undefined, AROUND, "fsync", "signal=KILL");
  },
  240_000,
);

traced.each(["error=ENOSPC", "error=EIO"])(
  "%s at any such call is answered with 503 or 507, or refuses the start in one line, and nothing is lost",
  async fault => {
    const from = join(folders, "before");
    await prepare(from);
    await everyPoint(from, FAILED, fault);
  },
  240_000,
);

traced(
  "a change is written, then synced, then answered; files are synced, then renamed, then their folder synced",
  async () => {
    const dataDir = join(folders, "data");
    const log = join(folders, "strace.log");
    const calls = "pwrite64,write,writev,fdatasync,fsync,rename,sendto";
    const server = runServer(dataDir, [
      "strace",
      "-f",
      "-y",
      "-qq",
      "-s",
      "300",
      "-o",
      log,
      "-e",
      `trace=${calls}`,
    ]);
    const url = await server.ready;
    await ask(url, "POST", APPLICATIONS, { image: "tutum/hello-world", name: "marker-1" });
    server.kill("SIGTERM");
    await server.ended;
    const lines = readFileSync(log, "utf8").split("\n");
    /** Where a call that begins like this has returned. */
    const done = (pattern: RegExp, after = 0) => {
      const at = lines.findIndex((line, index) => index >= after && pattern.test(line));
      expect([String(pattern), at >= 0]).toEqual([String(pattern), true]);
      if (!lines[at]?.includes("<unfinished")) return at;
      const thread = lines[at]?.split(" ")[0];
      return lines.findIndex(
        (line, index) => index > at && line.startsWith(`${thread} `) && line.includes("resumed>"),
      );
    };
    const folder = dataDir.replaceAll("/", "\\/");
    for (const file of ["journal-1", "closed"]) {
      const written = done(new RegExp(`write\\(\\d+<${folder}\\/${file}\\.tmp>`));
      const synced = done(new RegExp(`fsync\\(\\d+<${folder}\\/${file}\\.tmp>`), written);
      const renamed = done(new RegExp(`rename\\("${folder}\\/${file}\\.tmp"`), synced);
      const folderSynced = done(new RegExp(`fsync\\(\\d+<${folder}>`), renamed);
      expect(
        [written, synced, renamed, folderSynced].every(
          (line, index, all) => index === 0 || line > (all[index - 1] ?? 0),
        ),
      ).toBe(true);
    }
    const written = done(new RegExp(`pwrite64\\(\\d+<${folder}\\/journal-1(\\.tmp)?>.*marker-1`));
    const synced = done(new RegExp(`fdatasync\\(\\d+<${folder}\\/journal-1(\\.tmp)?>`), written);
    const answered = lines.findIndex(line => /HTTP\/1\.1 202/.test(line));
    expect(written).toBeLessThan(synced);
    expect(synced).toBeLessThan(answered);
  },
  60_000,
);

const tmpfs = process.getuid?.() === 0 && !missing ? mountReason() : "only root can mount a small disk";
if (tmpfs) process.stderr.write(`skipped: a disk that is really full (${tmpfs})\n`);

function mountReason(): string | undefined {
  const run = spawnSync("unshare", ["--mount", "true"], { encoding: "utf8" });
  return run.status === 0 ? undefined : "mounting is not permitted";
}

(tmpfs ? test.skip : test)(
  "a disk that is really full: 507, reading goes on, all is well when there is space again",
  async () => {
    const disk = join(folders, "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], {
      encoding: "utf8",
    });
    expect(mounted.stderr).toBe("");
    try {
      const dataDir = join(disk, "data");
      // Its log is elsewhere: it would fill the disk, too.
      const server = await startTestServer({ dataDir });
      const big = {
        image: "tutum/hello-world",
        container_envvars: [{ key: "A", value: "x".repeat(30_000) }],
      };
      const statuses: number[] = [];
      while (statuses.at(-1) !== 507 && statuses.length < 50) {
        statuses.push((await server.call("POST", APPLICATIONS, big)).status);
      }
      const kept = statuses.length - 1;
      expect(statuses).toEqual([...Array(kept).fill(202), 507]);
      const total = async (from: typeof server) =>
        (await from.get<Page<Application>>(APPLICATIONS)).meta.total_count;
      expect(await total(server)).toBe(kept);
      spawnSync("mount", ["-o", "remount,size=2m", disk]);
      expect((await server.call("POST", APPLICATIONS, big)).status).toBe(202);
      await server.close();
      const again = await startTestServer({ dataDir });
      expect(await total(again)).toBe(kept + 1);
      await again.close();
    } finally {
      spawnSync("umount", [disk]);
    }
  },
);

/** A disk that is really full: a small tmpfs, as root. Elsewhere `disk-failure.test.ts` has the refusals injected. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Application, Page } from "../../../../provider/tutum/client";
import { atEnd, type ErrorBody, temporaryFolder } from "../../harness";
import { APPLICATIONS, ask, buildServer, listAll, runServer, type ServerProcess } from "../../server-process";

const missing = reason();
if (missing) process.stderr.write(`skipped: full disks (${missing})\n`);
const mounted = missing ? test.skip : test;

function reason(): string | undefined {
  if (process.getuid?.() !== 0) return "mounting a tmpfs needs root";
  const run = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"], { encoding: "utf8" });
  return run.status === 0
    ? undefined
    : `no tmpfs can be mounted: ${run.stderr?.trim() ?? run.error?.message}`;
}

beforeAll(buildServer, 120_000);

function smallDisk(size = "400k"): string {
  const folder = join(temporaryFolder(), "disk");
  mkdirSync(folder);
  const run = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", folder], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  // A server that has let go of its lock may not have ended yet.
  atEnd(() => spawnSync("umount", ["--lazy", folder]));
  return folder;
}

/** Whatever room is left. */
function fill(folder: string): void {
  for (let size = 64 * 1024; size >= 1; size = Math.floor(size / 2)) {
    for (let n = 0; ; n++) {
      try {
        writeFileSync(join(folder, `filler-${size}-${n}`), Buffer.alloc(size));
      } catch {
        break;
      }
    }
  }
}

function makeRoom(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith("filler")) rmSync(join(folder, name));
}

/** More than a page: what is left of the journal's last one never has room for it. */
const LARGE = {
  image: "tutum/redis",
  container_envvars: [{ key: "LARGE", value: "v".repeat(6_000) }],
};

interface Ready {
  status: number;
  storage: string;
}

async function control(dataDir: string, path: string): Promise<{ status: number; text: string }> {
  const { controlToken } = JSON.parse(readFileSync(join(dataDir, "settings.json"), "utf8"));
  const { url } = JSON.parse(readFileSync(join(dataDir, "running.json"), "utf8"));
  const answer = await fetch(`${url}/_tutum/${path}`, {
    headers: { Authorization: `Bearer ${controlToken}` },
  });
  return { status: answer.status, text: await answer.text() };
}

/** Creates until the disk is full, and some more. */
async function createUntilFull(url: string): Promise<number> {
  let kept = 0;
  for (let refused = 0; refused < 5; ) {
    const answer = await ask<ErrorBody>(url, "POST", APPLICATIONS, LARGE);
    if (answer.status === 202) kept++;
    else {
      refused++;
      expect([answer.status, answer.body.error]).toEqual([507, expect.stringContaining("ENOSPC")]);
    }
  }
  return kept;
}

async function end(server: ServerProcess): Promise<void> {
  server.kill("SIGTERM");
  expect(await server.ended).toMatchObject({ code: 0 });
}

const command = (name: string, dataDir: string, ...rest: string[]) => {
  const bin = join(__dirname, "../../../../server/bin/tutum-server.js");
  const run = spawnSync(process.execPath, [bin, name, "--data", dataDir, ...rest], { encoding: "utf8" });
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
};

mounted(
  "on a full disk writes are 507, reads go on, ready says so, and all is well when there is room",
  async () => {
    const disk = smallDisk();
    const dataDir = join(disk, "data");
    const server = runServer(dataDir, [], ["--control"]);
    const url = await server.ready;
    expect((await control(dataDir, "ready")).status).toBe(200);
    const kept = await createUntilFull(url);
    fill(disk);
    for (let n = 0; n < 50; n++) expect((await ask(url, "POST", APPLICATIONS, LARGE)).status).toBe(507);
    expect((await ask<Page<Application>>(url, "GET", APPLICATIONS)).body.meta.total_count).toBe(kept);
    const full = await control(dataDir, "ready");
    expect([full.status, (JSON.parse(full.text) as Ready).storage]).toEqual([
      503,
      "the disk is full: make room on it, then try again",
    ]);
    const metrics = (await control(dataDir, "metrics")).text;
    expect(metrics).toMatch(/^tutum_storage_writable 0$/m);
    expect(Number(/^tutum_storage_failures_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(54);

    makeRoom(disk);
    writeFileSync(join(disk, "filler-kept"), "");
    for (const name of readdirSync(dataDir)) if (/^server\.log\./.test(name)) rmSync(join(dataDir, name));
    spawnSync("mount", ["-o", "remount,size=2m", disk]);
    expect((await control(dataDir, "ready")).status).toBe(200);
    expect((await control(dataDir, "metrics")).text).toMatch(/^tutum_storage_writable 1$/m);
    expect((await ask(url, "POST", APPLICATIONS, LARGE)).status).toBe(202);
    await end(server);
    expect(readFileSync(join(dataDir, "server.log"), "utf8")).toContain("lines were dropped");
  },
);

mounted(
  "start, status, stop, exec and reset work on a full disk, without a stack trace and without drafts",
  async () => {
    const disk = smallDisk();
    const dataDir = join(disk, "data");
    const first = runServer(dataDir);
    const kept = await createUntilFull(await first.ready);
    fill(disk);
    await end(first);

    for (let round = 0; round < 2; round++) {
      const server = runServer(dataDir);
      const url = await server.ready;
      expect(await listAll(url)).toHaveLength(kept);
      fill(disk);
      expect((await ask(url, "POST", APPLICATIONS, LARGE)).status).toBe(507);
      const status = command("status", dataDir);
      expect([status.code, status.stdout]).toEqual([0, expect.stringContaining(`applications: ${kept}`)]);
      const stop = command("stop", dataDir);
      expect([stop.code, stop.stderr]).toEqual([0, ""]);
      expect((await server.ended).stderr).not.toContain("    at ");
      expect(readdirSync(dataDir).filter(name => /tmp|draft|err/.test(name))).toEqual([]);
      expect(readdirSync(dataDir).filter(name => name.startsWith("lock"))).toHaveLength(1);
    }
    const script =
      "fetch(process.env.TUTUM_BASE_URL + 'application/', { headers: { Authorization: process.env.TUTUM_AUTH } }).then(r => console.log(r.status))";
    expect(command("exec", dataDir, "--", process.execPath, "-e", script)).toMatchObject({
      code: 0,
      stdout: "200\n",
    });

    const reset = command("reset", dataDir, "--yes");
    expect(reset).toMatchObject({ code: 0, stdout: `removed all applications in ${dataDir}\n` });
    const again = runServer(dataDir);
    const url = await again.ready;
    expect(await listAll(url)).toHaveLength(0);
    expect((await ask(url, "POST", APPLICATIONS, LARGE)).status).toBe(202);
    await end(again);
  },
);

mounted("reset of a running server frees a full disk", async () => {
  const disk = smallDisk();
  const dataDir = join(disk, "data");
  const server = runServer(dataDir);
  const url = await server.ready;
  const kept = await createUntilFull(url);
  fill(disk);
  expect(command("reset", dataDir, "--yes")).toMatchObject({
    code: 0,
    stdout: `removed ${kept} applications\n`,
  });
  expect((await ask(url, "POST", APPLICATIONS, LARGE)).status).toBe(202);
  server.kill("SIGKILL");
  await server.ended;
  expect(await listAll(await runServer(dataDir).ready)).toHaveLength(1);
});

mounted("a new folder on a full disk is refused in one sentence", async () => {
  const disk = smallDisk();
  fill(disk);
  const { code, stderr } = command("start", join(disk, "data"));
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^tutum-server: cannot .*: the disk is full: make room on it, then try again\n$/),
  ]);
});

mounted.each([0, 1, 2, 3, 4, 5, 6])(
  "exec on a new folder with %d pages of room runs its command, or says at once that the disk is full",
  async pages => {
    const disk = smallDisk("64k");
    writeFileSync(join(disk, "filler"), Buffer.alloc((16 - pages) * 4_096));
    const { code, stdout, stderr } = command("exec", join(disk, "data"), "--", "echo", "it ran");
    expect([code, stdout || stderr]).toEqual(
      code === 0
        ? [0, "it ran\n"]
        : [1, expect.stringContaining("the disk is full: make room on it, then try again")],
    );
  },
);

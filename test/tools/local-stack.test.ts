import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { evaluate, removeTemporaryFolders, run } from "./node-process";
import { copyOf, stubClone } from "./stub-clone";

let ready: ReturnType<typeof stubClone>;

beforeAll(async () => {
  ready = stubClone();
  await run([process.execPath, path.join(ready.root, "tools/setup.mjs")], { env: ready.env }).ended;
});

afterAll(removeTemporaryFolders);

const localStack = ({ root, env }: ReturnType<typeof stubClone>, ...args: string[]) =>
  run([process.execPath, path.join(root, "tools/local-stack.mjs"), ...args], { env }).ended;

test("up makes the local stack, passes arguments on to Pulumi, and prints the outputs and what to try next", async () => {
  const clone = copyOf(ready);
  const { code, stdout } = await localStack(clone, "up", "--config", "webContainers=3");
  expect(code).toBe(0);
  expect(stdout).toContain(
    [
      "application  unique name  state    containers  public DNS",
      "web          web-2        Running  3           a.test",
      "",
      "What to try next:",
    ].join("\n"),
  );
  expect(clone.read("calls.log").trim().split("\n")).toEqual([
    "stack init local --no-select --non-interactive",
    "config set --secret databasePassword --non-interactive",
    expect.stringMatching(/^config set tutum:owner [0-9a-f-]{36} --non-interactive$/),
    "up --yes --suppress-outputs --config webContainers=3",
    "stack output --json",
  ]);
});

test("Pulumi runs with the local backend, passphrase and stack, and with nothing of the user's own", async () => {
  const clone = copyOf(ready);
  expect((await localStack(clone, "preview", "--diff")).code).toBe(0);
  expect(clone.read("env.log").trim().split("\n")).toEqual([
    `PULUMI_BACKEND_URL=file://${clone.root}/.local/state`,
    `PULUMI_CONFIG_PASSPHRASE_FILE=${clone.root}/.local/passphrase`,
    `PULUMI_HOME=${clone.root}/.local/pulumi-home`,
    "PULUMI_SKIP_UPDATE_CHECK=1",
    "PULUMI_STACK=local",
  ]);
  expect(clone.read("calls.log")).toMatch(/\npreview --diff\n$/);
});

test("secrets reach Pulumi by stdin only, and lie in files that only the user can read", async () => {
  const clone = copyOf(ready);
  await localStack(clone, "preview");
  const password = clone.read(".local/database-password");
  expect(password).toMatch(/^[\w-]{24}$/);
  expect(clone.read("stdin.log")).toBe(password);
  expect(clone.read("calls.log")).not.toContain(password);
  const mode = (file: string) => fs.statSync(path.join(clone.root, file)).mode & 0o777;
  expect([".local", ".local/database-password", ".local/passphrase", ".local/owner"].map(mode)).toEqual([
    0o700, 0o600, 0o600, 0o600,
  ]);
});

test("a first run that broke off is continued by the next, with the same secrets", async () => {
  const clone = copyOf(ready);
  await localStack(clone, "preview");
  const password = clone.read(".local/database-password");
  fs.rmSync(path.join(clone.root, "Pulumi.local.yaml"));
  fs.writeFileSync(path.join(clone.root, "fail"), "");
  expect((await localStack(clone, "preview")).code).toBe(1);
  fs.rmSync(path.join(clone.root, "calls.log"));

  expect((await localStack(clone, "preview")).code).toBe(0);
  expect(clone.read("calls.log")).not.toContain("stack init");
  expect(clone.read("stdin.log")).toBe(password.repeat(2));
});

test("settings whose passphrase went with .local/ are set aside, not used", async () => {
  const clone = copyOf(ready);
  fs.writeFileSync(path.join(clone.root, "Pulumi.local.yaml"), "encryptionsalt: old\n");
  const { code, stderr } = await localStack(clone, "preview");
  expect(code).toBe(0);
  expect(stderr).toMatch(/settings of an earlier local stack.*are now \.local\/Pulumi\.local\.\d+\.yaml/);
  expect(clone.read("Pulumi.local.yaml")).not.toContain("old");
});

test("the exit code is Pulumi's, and after a failed up there is no table", async () => {
  const clone = copyOf(ready);
  await localStack(clone, "preview");
  fs.writeFileSync(path.join(clone.root, "fail"), "");
  expect(await localStack(clone, "up")).toMatchObject({ code: 1, stdout: "" });
});

test("the lock of a killed run is removed, that of a living one is left", async () => {
  const clone = copyOf(ready);
  await localStack(clone, "preview");
  const locks = path.join(clone.root, ".local/state/.pulumi/locks/organization/linked-apps/local");
  fs.mkdirSync(locks, { recursive: true });
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  const lock = (pid: number) => JSON.stringify({ pid, hostname: os.hostname() });
  fs.writeFileSync(path.join(locks, "dead.json"), lock(dead));
  fs.writeFileSync(path.join(locks, "living.json"), lock(process.pid));
  const { stderr } = await localStack(clone, "preview");
  expect(stderr).toContain(`The last run (process ${dead}) was killed`);
  expect(fs.readdirSync(locks)).toEqual(["living.json"]);
});

test("the whole command is the server's exec around Pulumi's own command", async () => {
  const code = `console.log(JSON.stringify((await tools("local-stack.mjs")).commandLine("/bin/pulumi", "destroy", ["-f"])))`;
  const [node, server, ...rest] = JSON.parse((await evaluate(code).ended).stdout);
  expect(node).toBe(process.execPath);
  expect(server).toMatch(/server\/bin\/tutum-server\.js$/);
  expect(rest).toEqual([
    "exec",
    "--data",
    expect.stringMatching(/\.local\/server$/),
    "--",
    "/bin/pulumi",
    "destroy",
    "--yes",
    "--suppress-outputs",
    "-f",
  ]);
});

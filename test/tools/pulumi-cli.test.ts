import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { evaluate, ROOT, removeTemporaryFolders, script, temporaryFolder } from "./node-process";

afterEach(removeTemporaryFolders);

const PROGRAMS = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];

/** A machine with nothing but an empty home and an empty folder on PATH. */
function machine(ways: string) {
  const home = temporaryFolder();
  const onPath = path.join(home, "on-path");
  const cache = path.join(home, "cache/pulumi-tutum");
  const env = {
    HOME: home,
    XDG_CACHE_HOME: path.join(home, "cache"),
    PATH: onPath,
    PULUMI_TUTUM_CLI_WAYS: ways,
  };
  return { home, onPath, cache, env };
}

function fakePulumi(folder: string, version: string, programs = PROGRAMS) {
  for (const name of programs) script(path.join(folder, name), `echo v${version}`);
}

/** A `go` that "builds" scripts, notes each build in ../builds, and does `before` first. */
function fakeGo(onPath: string, { version = "3.245.0", before = ":" } = {}) {
  script(
    path.join(onPath, "go"),
    `case "$1" in
      env) echo go1.26.0;;
      list) echo one/package;;
      build)
        while [ "$1" != -o ]; do shift; done
        echo "$2" >>"$HOME/builds"
        printf '#!/bin/sh\\necho v${version}\\n' >"$2"
        ${before}
        /bin/chmod 755 "$2";;
    esac`,
  );
}

const find = (env: NodeJS.ProcessEnv) =>
  evaluate(`console.log(JSON.stringify(await (await tools("pulumi-cli.mjs")).findPulumi() ?? null))`, {
    env,
  });
const ensure = (env: NodeJS.ProcessEnv) =>
  evaluate(`console.log((await (await tools("pulumi-cli.mjs")).ensurePulumi()).source)`, { env });

test("a new enough CLI on PATH is used, with its version", async () => {
  const { onPath, env } = machine("path,cache");
  fakePulumi(onPath, "3.301.2");
  const found = JSON.parse((await find(env).ended).stdout);
  expect(found).toEqual({ bin: path.join(onPath, "pulumi"), version: "3.301.2", source: "path" });
});

test.each(["3.244.9", "2.300.0", "4.0.0"])(
  "version %s on PATH is passed over, and the message says so",
  async version => {
    const { onPath, env } = machine("path,cache");
    fakePulumi(onPath, version);
    expect((await find(env).ended).stdout.trim()).toBe("null");
    const { code, stderr } = await ensure(env).ended;
    expect(code).not.toBe(0);
    expect(stderr).toContain(`pulumi is version ${version}, and 3.245.0 or a later 3 is needed`);
  },
);

test("a CLI on PATH without the Node language host is passed over, and the message names it", async () => {
  const { onPath, env } = machine("path,cache");
  fakePulumi(onPath, "3.245.0", ["pulumi", "pulumi-resource-pulumi-nodejs"]);
  expect((await ensure(env).ended).stderr).toContain("has no pulumi-language-nodejs beside it or on PATH");
});

test("plugins beside the program that a link on PATH points to are found", async () => {
  const { home, onPath, env } = machine("path");
  fakePulumi(path.join(home, "elsewhere"), "3.245.0");
  fs.mkdirSync(onPath);
  fs.symlinkSync(path.join(home, "elsewhere/pulumi"), path.join(onPath, "pulumi"));
  expect(JSON.parse((await find(env).ended).stdout)).toMatchObject({ source: "path" });
});

test("the cache is used when PATH has none", async () => {
  const { cache, env } = machine("path,cache");
  const bin = path.join(cache, `pulumi-3.245.0-${process.platform}-${process.arch}`, "bin");
  fakePulumi(bin, "3.245.0");
  const found = JSON.parse((await find(env).ended).stdout);
  expect(found).toEqual({ bin: path.join(bin, "pulumi"), version: "3.245.0", source: "cache" });
});

test("when no way works, the error gives every reason and the ways out", async () => {
  const { env } = machine("path,cache,go");
  const { code, stderr } = await ensure(env).ended;
  expect(code).not.toBe(0);
  expect(stderr).toContain("path: no `pulumi` there");
  expect(stderr).toContain("go: no Go here (1.25.8 or later would build it)");
  expect(stderr).toContain("Ways out: install the Pulumi CLI yourself");
});

test("an old Go is not tried", async () => {
  const { onPath, env } = machine("cache,go");
  script(path.join(onPath, "go"), "echo go1.25.7");
  expect((await ensure(env).ended).stderr).toContain("go: Go 1.25.7 is older than 1.25.8");
});

test("a finished build is in the cache with all three programs, executable", async () => {
  const { onPath, cache, env } = machine("cache,go");
  fakeGo(onPath);
  expect((await ensure(env).ended).stdout.trim()).toBe("go");
  const { bin } = JSON.parse((await find(env).ended).stdout);
  for (const name of PROGRAMS) fs.accessSync(path.join(path.dirname(bin), name), fs.constants.X_OK);
  expect(fs.readdirSync(cache).filter(name => !name.endsWith(".lock"))).toHaveLength(1);
});

test("two set-ups at once build once", async () => {
  const { home, onPath, env } = machine("cache,go");
  fakeGo(onPath);
  const sources = await Promise.all(
    [ensure(env), ensure(env)].map(async one => (await one.ended).stdout.trim()),
  );
  expect(sources.sort()).toEqual(["cache", "go"]);
  expect(fs.readFileSync(path.join(home, "builds"), "utf8").trim().split("\n")).toHaveLength(2);
});

test("a build that was killed leaves nothing that is found, and the next one cleans up", async () => {
  const { home, onPath, cache, env } = machine("cache,go");
  execFileSync("mkfifo", [path.join(home, "fifo")]);
  fakeGo(onPath, { before: `echo half-built; read -r _ <"$HOME/fifo"` });
  const killed = evaluate(
    `const { runCommand } = await tools("run-command.mjs");
     const { publish } = await tools("pulumi-cli/cache.mjs");
     const { withLock } = await tools("lock.mjs");
     const { cacheFolder } = await tools("pulumi-cli/cache.mjs");
     await withLock(cacheFolder() + ".lock", "testing", lock => publish(folder =>
       runCommand(["go", "build", "-o", folder + "/bin/pulumi"], { lock, onLine: line => console.log(line) })));`,
    { env },
  );
  await killed.wrote("half-built");
  killed.child.kill("SIGKILL");
  fs.writeFileSync(path.join(home, "fifo"), "\n");
  await killed.ended;
  expect(fs.readdirSync(cache).filter(name => name.includes(".making-"))).toHaveLength(1);
  expect((await find(env).ended).stdout.trim()).toBe("null");

  fakeGo(onPath);
  expect((await ensure(env).ended).stdout.trim()).toBe("go");
  expect(fs.readdirSync(cache).filter(name => name.includes(".making-"))).toEqual([]);
});

test("a build that is not the pinned version is not published", async () => {
  const { onPath, env } = machine("cache,go");
  fakeGo(onPath, { version: "3.1.0" });
  expect((await ensure(env).ended).stderr).toContain("go: gave version 3.1.0 instead of 3.245.0");
  expect((await find(env).ended).stdout.trim()).toBe("null");
});

test("the pinned version is one number in package.json, go.mod and set-up", () => {
  const read = (file: string) => fs.readFileSync(path.join(ROOT, file), "utf8");
  const pinned = /PULUMI_VERSION = "(.*)"/.exec(read("tools/pulumi-cli/version.mjs"))?.[1];
  expect(JSON.parse(read("package.json")).devDependencies["@pulumi/pulumi"]).toBe(pinned);
  expect(read("tools/pulumi-cli/cli/go.mod")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${pinned}`);
});

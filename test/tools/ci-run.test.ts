import fs from "node:fs";
import path from "node:path";
import { ROOT, removeTemporaryFolders, run, temporaryFolder } from "./node-process";

afterEach(removeTemporaryFolders);

/** What each group of tests counts when it passes. */
const GROUPS = { test: 5, "test:compat": 2, "test:fuzz": 4, "test:packages": 3, "test:docker": 1 };
const ALL = Object.values(GROUPS).reduce((sum, count) => sum + count);

const PASSING: Record<string, string> = {
  check: "true",
  ...Object.fromEntries(
    Object.entries(GROUPS).map(([group, count]) => [group, `echo '${count} passed, 0 failed'`]),
  ),
};

/** Runs .ci/run over a package whose commands are these, the others pass. */
async function ciRun(scripts: Record<string, string>) {
  const clone = temporaryFolder();
  fs.cpSync(path.join(ROOT, ".ci"), path.join(clone, ".ci"), { recursive: true });
  fs.writeFileSync(path.join(clone, "package.json"), JSON.stringify({ scripts: { ...PASSING, ...scripts } }));
  const { code, stdout } = await run(["bash", path.join(clone, ".ci/run")]).ended;
  return { code, lastLine: stdout.trimEnd().split("\n").at(-1) };
}

test("CI passes when check and all groups of tests do, and ends with the count of all", async () => {
  expect(await ciRun({})).toEqual({ code: 0, lastLine: `${ALL} passed, 0 failed` });
  expect(await ciRun({ test: "echo '5 passed, 0 failed, 1 skipped' >&2; echo more" })).toEqual({
    code: 0,
    lastLine: `${ALL} passed, 0 failed, 1 skipped`,
  });
});

test("bytes that are no text, printed by a test, hide no count", async () => {
  const noText = String.raw`printf 'a\000b\377c\n5 passed, 0 failed\n'`;
  expect(await ciRun({ test: noText })).toEqual({ code: 0, lastLine: `${ALL} passed, 0 failed` });
});

test("a failed check counts as one failure, and the tests run all the same", async () => {
  const failing = { check: "exit 3", test: "echo '5 passed, 1 failed, 2 skipped'; exit 1" };
  expect(await ciRun(failing)).toEqual({ code: 1, lastLine: `${ALL} passed, 2 failed, 2 skipped` });
});

describe.each(Object.entries(GROUPS))("`npm run %s`", (group, count) => {
  test("that fails, fails CI, and the others run", async () => {
    expect(await ciRun({ [group]: "echo '1 passed, 1 failed, 1 skipped'; exit 1" })).toEqual({
      code: 1,
      lastLine: `${ALL - count + 1} passed, 1 failed, 1 skipped`,
    });
  });

  test("that never came to a count, fails CI", async () => {
    expect(await ciRun({ [group]: "true" })).toEqual({
      code: 1,
      lastLine: `${ALL - count} passed, 1 failed`,
    });
  });
});

import fs from "node:fs";
import path from "node:path";
import { ROOT, removeTemporaryFolders, run, temporaryFolder } from "./node-process";

afterEach(removeTemporaryFolders);

/** Runs .ci/run over a package whose two commands are these. */
async function ciRun(check: string, test: string) {
  const clone = temporaryFolder();
  fs.cpSync(path.join(ROOT, ".ci"), path.join(clone, ".ci"), { recursive: true });
  fs.writeFileSync(path.join(clone, "package.json"), JSON.stringify({ scripts: { check, test } }));
  const { code, stdout } = await run(["bash", path.join(clone, ".ci/run")]).ended;
  return { code, lastLine: stdout.trimEnd().split("\n").at(-1) };
}

test("CI passes when check and tests do, and ends with the tests' count", async () => {
  expect(await ciRun("true", "echo '5 passed, 0 failed, 1 skipped' >&2; echo more")).toEqual({
    code: 0,
    lastLine: "5 passed, 0 failed, 1 skipped",
  });
});

test("a failed check counts as one failure, and the tests run all the same", async () => {
  expect(await ciRun("exit 3", "echo '5 passed, 1 failed, 2 skipped'")).toEqual({
    code: 1,
    lastLine: "5 passed, 2 failed, 2 skipped",
  });
});

test("tests that never came to a count fail CI", async () => {
  expect(await ciRun("true", "exit 1")).toEqual({ code: 1, lastLine: "0 passed, 1 failed" });
});

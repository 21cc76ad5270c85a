import fs from "node:fs";
import path from "node:path";
import { ROOT, removeTemporaryFolders, run, temporaryFolder } from "./node-process";

afterEach(removeTemporaryFolders);

/** Runs .ci/run over a package whose commands are these. */
async function ciRun(scripts: { check: string; test: string; "test:compat": string }) {
  const clone = temporaryFolder();
  fs.cpSync(path.join(ROOT, ".ci"), path.join(clone, ".ci"), { recursive: true });
  fs.writeFileSync(path.join(clone, "package.json"), JSON.stringify({ scripts }));
  const { code, stdout } = await run(["bash", path.join(clone, ".ci/run")]).ended;
  return { code, lastLine: stdout.trimEnd().split("\n").at(-1) };
}

const PASSING = {
  check: "true",
  test: "echo '5 passed, 0 failed'",
  "test:compat": "echo '2 passed, 0 failed'",
};

test("CI passes when check and all groups of tests do, and ends with the count of all", async () => {
  const groups = { test: "echo '5 passed, 0 failed, 1 skipped' >&2; echo more" };
  expect(await ciRun(PASSING)).toEqual({ code: 0, lastLine: "7 passed, 0 failed" });
  expect(await ciRun({ ...PASSING, ...groups })).toEqual({
    code: 0,
    lastLine: "7 passed, 0 failed, 1 skipped",
  });
});

test("a failed check counts as one failure, and the tests run all the same", async () => {
  const failing = { check: "exit 3", test: "echo '5 passed, 1 failed, 2 skipped'; exit 1" };
  expect(await ciRun({ ...PASSING, ...failing })).toEqual({
    code: 1,
    lastLine: "7 passed, 2 failed, 2 skipped",
  });
});

test.each(["test", "test:compat"])("`npm run %s` that fails, fails CI, and the others run", async group => {
  const failing = { [group]: "echo '1 passed, 1 failed, 1 skipped'; exit 1" };
  const passed = group === "test" ? 3 : 6;
  expect(await ciRun({ ...PASSING, ...failing })).toEqual({
    code: 1,
    lastLine: `${passed} passed, 1 failed, 1 skipped`,
  });
});

test.each(["test", "test:compat"])("`npm run %s` that never came to a count fails CI", async group => {
  const passed = group === "test" ? 2 : 5;
  expect(await ciRun({ ...PASSING, [group]: "true" })).toEqual({
    code: 1,
    lastLine: `${passed} passed, 1 failed`,
  });
});

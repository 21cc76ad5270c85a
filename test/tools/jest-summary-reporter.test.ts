import fs from "node:fs";
import path from "node:path";
import { ROOT, removeTemporaryFolders, run, temporaryFolder } from "./node-process";

afterEach(removeTemporaryFolders);

async function runJest(files: Record<string, string>) {
  const rootDir = temporaryFolder();
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(rootDir, name), text);
  const reporters = ["default", [path.join(ROOT, "tools/jest-summary-reporter.js"), { lingerMs: 50 }]];
  const config = JSON.stringify({ rootDir, reporters, testMatch: ["**/*.test.js"], transform: {} });
  const jest = path.join(ROOT, "node_modules/jest/bin/jest.js");
  const { code, stderr } = await run([process.execPath, jest, "--config", config, "--runInBand"]).ended;
  return { code, lastLine: stderr.trimEnd().split("\n").at(-1) };
}

test("the last line counts passed and failed tests", async () => {
  const files = { "a.test.js": `test("a", () => {}); test("b", () => {}); test("c", () => { throw 1; });` };
  expect(await runJest(files)).toEqual({ code: 1, lastLine: "2 passed, 1 failed" });
});

test("a test file that cannot run counts as failed, and skipped tests are named when there are any", async () => {
  const files = {
    "a.test.js": `test("a", () => {}); test.skip("b", () => {}); test.todo("c");`,
    "broken.test.js": `require("./not-there");`,
  };
  expect(await runJest(files)).toEqual({ code: 1, lastLine: "1 passed, 1 failed, 2 skipped" });
});

test("a run ends although a test left a server listening", async () => {
  const leak = `require("node:http").createServer().listen(0, "127.0.0.1", done);`;
  const files = { "a.test.js": `test("a", done => { ${leak} });` };
  expect(await runJest(files)).toEqual({ code: 0, lastLine: "1 passed, 0 failed" });
});

import fs from "node:fs";
import path from "node:path";
import { evaluate, removeTemporaryFolders, run, temporaryFolder } from "./node-process";
import { stubClone } from "./stub-clone";

afterEach(removeTemporaryFolders);

test("set-up builds once, is silent when nothing changed, and builds again when a source did", async () => {
  const { root, env, read } = stubClone();
  const setUp = () => run([process.execPath, path.join(root, "tools/setup.mjs")], { env }).ended;

  expect(await setUp()).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("Compiling") });
  expect(await setUp()).toEqual({ code: 0, stdout: "", stderr: "" });

  fs.renameSync(path.join(root, "provider/index.ts"), path.join(root, "provider/renamed.ts"));
  expect(await setUp()).toMatchObject({ code: 0, stderr: expect.stringContaining("Compiling") });
  expect(read("dist/renamed.js")).toContain("42");
  expect(fs.existsSync(path.join(root, "dist/index.js"))).toBe(false);
});

test("a build that fails shows the compiler's message, and is tried again by the next set-up", async () => {
  const { root, env } = stubClone();
  fs.writeFileSync(path.join(root, "provider/index.ts"), "export const answer: string = 42;\n");
  const setUp = () => run([process.execPath, path.join(root, "tools/setup.mjs")], { env }).ended;
  const first = await setUp();
  expect(first.code).toBe(1);
  expect(first.stderr).toContain("provider/index.ts(1,14): error TS2322");
  expect(fs.existsSync(path.join(root, "dist/.sources"))).toBe(false);
});

test("prepare without TypeScript passes where the package is compiled, and says what to do where it is not", async () => {
  const { root, env } = stubClone();
  fs.rmSync(path.join(root, "node_modules"));
  const prepare = () => run([process.execPath, path.join(root, "tools/build.mjs")], { env }).ended;
  expect(await prepare()).toMatchObject({ code: 1, stderr: expect.stringContaining("run `npm ci` here") });
  fs.mkdirSync(path.join(root, "dist"));
  fs.writeFileSync(path.join(root, "dist/index.js"), "");
  expect(await prepare()).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("node_modules counts as installed when npm's own record agrees with the lockfile", async () => {
  const root = temporaryFolder();
  const write = (file: string, packages: object) => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), JSON.stringify({ packages }));
  };
  const installed = async () => {
    const code = `console.log((await tools("npm-packages.mjs")).packagesAreInstalled(${JSON.stringify(root)}))`;
    return (await evaluate(code).ended).stdout.trim();
  };
  const record = "node_modules/.package-lock.json";
  const a = { version: "1.0.0", integrity: "sha512-a" };
  write("package-lock.json", {
    "": {},
    "node_modules/a": a,
    "node_modules/mac-only": { ...a, optional: true },
  });
  expect(await installed()).toBe("false"); // as after an interrupted npm ci: no record
  write(record, { "node_modules/a": a });
  expect(await installed()).toBe("true");
  write(record, { "node_modules/a": { ...a, version: "1.0.1" } });
  expect(await installed()).toBe("false");
});

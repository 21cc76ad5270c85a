import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { evaluate, removeTemporaryFolders, temporaryFolder } from "./node-process";

afterEach(removeTemporaryFolders);

const lockFolder = () => path.join(temporaryFolder(), "lock");

/** Takes the lock, and keeps it until its standard input ends. */
const keep = (folder: string) =>
  evaluate(`
    const { withLock } = await tools("lock.mjs");
    await withLock(${JSON.stringify(folder)}, "testing", async () => {
      console.log("has it");
      for await (const _ of process.stdin);
    });`);

test("of many processes only one at a time holds the lock", async () => {
  const folder = lockFolder();
  const log = path.join(path.dirname(folder), "log");
  const code = `
    const fs = await import("node:fs");
    const { withLock } = await tools("lock.mjs");
    for (let i = 0; i < 4; i++) {
      await withLock(${JSON.stringify(folder)}, "testing", async () => {
        fs.appendFileSync(${JSON.stringify(log)}, "in " + process.pid + "\\n");
        await new Promise(setImmediate);
        fs.appendFileSync(${JSON.stringify(log)}, "out " + process.pid + "\\n");
      });
    }`;
  const ends = await Promise.all([1, 2, 3].map(() => evaluate(code).ended));
  expect(ends.map(end => end.code)).toEqual([0, 0, 0]);
  const lines = fs.readFileSync(log, "utf8").trim().split("\n");
  expect(lines).toHaveLength(24);
  for (let i = 0; i < lines.length; i += 2) expect(lines[i + 1]).toBe(lines[i]?.replace("in", "out"));
});

test("the lock of a killed process is taken at once", async () => {
  const folder = lockFolder();
  const killed = keep(folder);
  await killed.wrote("has it");
  killed.child.kill("SIGKILL");
  await killed.ended;
  const next = keep(folder);
  await next.wrote("has it");
  next.child.stdin.end();
  expect(await next.ended).toMatchObject({ code: 0, stderr: "" });
});

test("those who wait are told for whom, and go on when it ends", async () => {
  const folder = lockFolder();
  const first = keep(folder);
  await first.wrote("has it");
  const second = keep(folder);
  await second.wrote(`Waiting for another set-up (process ${first.child.pid}) that is testing to finish`);
  first.child.stdin.end();
  await second.wrote("has it");
  second.child.stdin.end();
  expect((await second.ended).code).toBe(0);
});

test("the command of a killed process keeps the lock until it ends", async () => {
  const folder = lockFolder();
  const fifo = path.join(path.dirname(folder), "fifo");
  execFileSync("mkfifo", [fifo]);
  const killed = evaluate(`
    const { withLock } = await tools("lock.mjs");
    const { runCommand } = await tools("run-command.mjs");
    await withLock(${JSON.stringify(folder)}, "testing", lock =>
      runCommand(["sh", "-c", 'echo "command $$"; exec cat "$0"', ${JSON.stringify(fifo)}], {
        lock,
        onLine: line => console.log(line),
      }));`);
  await killed.wrote("command");
  const command = /command (\d+)/.exec(killed.stdout)?.[1];
  killed.child.kill("SIGKILL");
  const next = keep(folder);
  await next.wrote(`Waiting for another set-up (process ${command})`);
  fs.writeFileSync(fifo, "end");
  await next.wrote("has it");
  next.child.stdin.end();
  expect((await next.ended).code).toBe(0);
});

test("a lock emptied by a power cut holds nobody up", async () => {
  const folder = lockFolder();
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, "7"), "");
  const next = keep(folder);
  next.child.stdin.end();
  expect(await next.ended).toMatchObject({ code: 0, stderr: "" });
  expect(fs.readdirSync(folder)).toEqual(["8"]);
});

/** How a provider process ends, in a process of its own: the engine's SIGINT is the last that it hears. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "../../..");

/** What the callbacks are told when the engine ends the process, and its exit code. */
function end(isCancelled: boolean, env: Record<string, string> = {}) {
  const program = `
    const { ending } = require("./dist/resource/dynamic/host/end.js");
    ending(${isCancelled} ? AbortSignal.abort() : new AbortController().signal).onEnd(inPeace => process.stdout.write(inPeace ? "in peace" : "not saved for certain"));
    setInterval(() => {}, 1_000);
    process.kill(process.pid, "SIGINT");`;
  const { status, stdout } = spawnSync(process.execPath, ["-e", program], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  return { status, told: stdout };
}

describe("a provider process that the engine ends", () => {
  test("ends in peace after a whole run: the engine has what it was told", () => {
    expect(end(false)).toEqual({ status: 130, told: "in peace" });
  });

  test("does not after a cancelled one: of two Ctrl-C the second keeps the engine from saving", () => {
    expect(end(true)).toEqual({ status: 130, told: "not saved for certain" });
  });

  test("cannot tell what is missing where the engine saves last of all", () => {
    expect(end(true, { PULUMI_SKIP_CHECKPOINTS: "true" })).toEqual({ status: 130, told: "in peace" });
  });
});

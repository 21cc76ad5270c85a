// Runs a command of set-up (npm, tsc, go): its output is for progress, and is shown only when it fails.

import { spawn } from "node:child_process";
import readline from "node:readline";

/** Of a failed command's output: the cause may be in its first lines (npm) or its last (go). */
const SHOWN = { first: 15, last: 25 };

/** A command that failed; the message ends with what it wrote. */
export class CommandFailed extends Error {}

/**
 * @param {string[]} command
 * @param {object} options
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.input] what it reads from stdin: the place for secrets, which argv is not
 * @param {import("./lock.mjs").Lock} [options.lock] told of the command before it begins, so that no other set-up
 *   starts the same one while it runs, even if this process is killed
 * @param {(line: string) => boolean | void} [options.onLine] returns true for a line that is only progress
 * @param {number} [options.deadlineMs] after it the command and all that it started are killed
 * @returns {Promise<string>} what it wrote to stdout
 */
export async function runCommand(command, { cwd, env = process.env, input, lock, onLine, deadlineMs } = {}) {
  // The shell waits for a line before it becomes the command; killed before that, we leave nothing running.
  const child = spawn("/bin/sh", ["-c", 'read -r _ && exec "$@"', "sh", ...command], {
    cwd,
    env,
    detached: deadlineMs !== undefined,
    stdio: ["pipe", "pipe", "pipe"],
  });
  /** @type {Promise<number | NodeJS.Signals>} */
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code ?? 1));
  });
  /** @type {string[]} */
  const first = [];
  /** @type {string[]} */
  const last = [];
  let stdout = "";
  child.stdout.on("data", chunk => {
    stdout += chunk;
  });
  for (const stream of [child.stdout, child.stderr]) {
    readline.createInterface({ input: stream }).on("line", line => {
      if (onLine?.(line)) return;
      if (first.length < SHOWN.first) first.push(line);
      else last.push(line);
      if (last.length > SHOWN.last) last.shift();
    });
  }
  if (child.pid !== undefined) lock?.addChild(child.pid);
  child.stdin.on("error", () => {}); // the shell may be gone already: `ended` tells
  child.stdin.end(`go\n${input ?? ""}`);

  let timedOut = false;
  const deadline =
    deadlineMs &&
    setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    }, deadlineMs);
  const code = await ended;
  if (deadline) clearTimeout(deadline);
  if (timedOut) throw new CommandFailed(`no end after ${Number(deadlineMs) / 1000} s`);
  if (code !== 0) {
    const output = [...first, ...last].map(line => `\n    ${line}`).join("");
    throw new CommandFailed(`\`${command.join(" ")}\` ended with ${code}${output && `:${output}`}`);
  }
  return stdout;
}

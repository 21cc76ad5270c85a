// One set-up at a time: a lock among processes that survives a SIGKILL at any moment and never needs cleaning by hand.
//
// A lock is a folder of numbered generations; the highest is the current one and is never deleted. Whoever finds it
// released, or its holder dead, claims the next number by link(2), which only one process can win. Deleting a stale
// lock file and making a new one has no such winner: two can do it one after the other and both go on.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./progress.mjs";

/**
 * `pids` are the holder and the command it runs now: that command (npm, go) outlives a killed holder, and its work must
 * not be repeated beside it.
 * @typedef {{ host: string, pids: { pid: number, started: string }[], what: string }} Holder
 * @typedef {{ addChild: (pid: number) => void }} Lock
 */

const POLL_MS = 100;
/** A holder on another machine or in another container (a shared home) can only be judged by its sign of life. */
const SIGN_OF_LIFE_MS = 15_000;
const FOREIGN_HOLDER_DEAD_AFTER_MS = 120_000;

/**
 * Runs `work` while holding the lock `folder`; waits for another holder, and says for whom.
 * @template T
 * @param {string} folder
 * @param {string} what shown to those who wait: "installing npm packages"
 * @param {(lock: Lock) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, what, work) {
  fs.mkdirSync(folder, { recursive: true });
  /** @type {Holder} */
  const holder = { host: os.hostname(), pids: [identify(process.pid)], what };
  let waitingFor = "";
  for (;;) {
    const current = currentGeneration(folder);
    const other = current > 0 ? liveHolder(path.join(folder, `${current}`)) : undefined;
    if (!other && claim(folder, current + 1, holder)) return hold(folder, current + 1, holder, work);
    if (other && waitingFor !== other) {
      waitingFor = other;
      say(`Waiting for ${other} to finish …`);
    }
    await sleep(POLL_MS);
  }
}

/**
 * @template T
 * @param {string} folder
 * @param {number} generation
 * @param {Holder} holder
 * @param {(lock: Lock) => Promise<T>} work
 */
async function hold(folder, generation, holder, work) {
  const file = path.join(folder, `${generation}`);
  for (const name of fs.readdirSync(folder)) {
    if (Number(name) < generation) fs.rmSync(path.join(folder, name), { force: true });
  }
  const signOfLife = setInterval(() => fs.utimes(file, new Date(), new Date(), () => {}), SIGN_OF_LIFE_MS);
  try {
    return await work({
      addChild(pid) {
        holder = { ...holder, pids: [identify(process.pid), identify(pid)] };
        replace(file, JSON.stringify(holder));
      },
    });
  } finally {
    clearInterval(signOfLife);
    replace(file, "released");
  }
}

/** @param {string} folder */
function currentGeneration(folder) {
  return Math.max(0, ...fs.readdirSync(folder).map(name => (/^\d+$/.test(name) ? Number(name) : 0)));
}

/**
 * @param {string} folder
 * @param {number} generation
 * @param {Holder} holder
 */
function claim(folder, generation, holder) {
  const file = path.join(folder, `${generation}`);
  const draft = `${file}.${os.hostname()}.${process.pid}`;
  fs.writeFileSync(draft, JSON.stringify(holder));
  try {
    fs.linkSync(draft, file);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
  // Others may have gone on, and deleted this number, since it was read: then the claim was won too late.
  if (currentGeneration(folder) === generation) return true;
  fs.rmSync(file, { force: true });
  return false;
}

/**
 * The holder in words when it is alive.
 * @param {string} file
 */
function liveHolder(file) {
  let text = "";
  let lastSign = 0;
  try {
    text = fs.readFileSync(file, "utf8");
    lastSign = fs.statSync(file).mtimeMs;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "another set-up"; // a newer generation exists: look again
    throw error;
  }
  if (!text.startsWith("{")) return undefined; // released, or empty: the machine lost power
  /** @type {Holder} */
  const holder = JSON.parse(text);
  if (holder.host !== os.hostname()) {
    const alive = Date.now() - lastSign < FOREIGN_HOLDER_DEAD_AFTER_MS;
    return alive ? `a set-up on ${holder.host} that is ${holder.what}` : undefined;
  }
  const alive = holder.pids.find(({ pid, started }) => started !== "" && identify(pid).started === started);
  return alive && `another set-up (process ${alive.pid}) that is ${holder.what}`;
}

/**
 * A process id alone is used again by others later; with its start time it is one process for ever.
 * @param {number} pid
 */
function identify(pid) {
  return { pid, started: startOf(pid) };
}

/**
 * Empty for a process that is not there.
 * @param {number} pid
 */
function startOf(pid) {
  try {
    if (process.platform !== "linux") {
      const ps = { encoding: /** @type {const} */ ("utf8"), stdio: /** @type {const} */ ("pipe") };
      return execFileSync("ps", ["-p", `${pid}`, "-o", "lstart="], ps).trim();
    }
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // Fields after the program's name, which may hold spaces: the first is the state, the 20th the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

/**
 * @param {string} file
 * @param {string} text
 */
function replace(file, text) {
  const draft = `${file}.${os.hostname()}.${process.pid}`;
  fs.writeFileSync(draft, text);
  fs.renameSync(draft, file);
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

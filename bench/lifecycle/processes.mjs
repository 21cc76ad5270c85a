/**
 * What the processes of one CLI run cost: CPU time and peak memory by role, sampled from /proc while they live. What a
 * process uses in its last interval is missing: 50 ms at most. Elsewhere than on Linux nothing is measured.
 */
import fs from "node:fs";

const SAMPLE_MS = 50;
/** New processes are looked for in every so manieth sample. */
const SCAN_EVERY = 4;
/** The kernel's unit of CPU time, in milliseconds; 100 Hz on every Linux in use. */
const TICK_MS = 10;

/** @typedef {"cli" | "language" | "provider" | "plugins"} Role */
/** @typedef {{ cpuMs: number, peakBytes: number }} Cost */

/**
 * @param {number} root the CLI's process
 * @returns {{ stop(): Record<Role, Cost> }}
 */
export function watchProcesses(root) {
  /** @type {Map<number, { role: Role, cpuMs: number, peakBytes: number }>} */
  const seen = new Map();
  let samples = 0;
  const sample = () => {
    if (samples++ % SCAN_EVERY === 0) for (const pid of familyOf(root)) if (!seen.has(pid)) add(pid);
    for (const [pid, process] of seen) {
      process.cpuMs = cpuMsOf(pid) ?? process.cpuMs;
      process.peakBytes = peakOf(pid) ?? process.peakBytes;
      process.role = roleOf(pid) ?? process.role;
    }
  };
  const add = (/** @type {number} */ pid) => seen.set(pid, { role: "plugins", cpuMs: 0, peakBytes: 0 });
  const timer = fs.existsSync("/proc/self/stat") ? setInterval(sample, SAMPLE_MS) : undefined;
  return {
    stop() {
      clearInterval(timer);
      const costs = /** @type {Record<Role, Cost>} */ ({});
      for (const role of /** @type {const} */ (["cli", "language", "provider", "plugins"])) {
        const all = [...seen.values()].filter(process => process.role === role);
        costs[role] = {
          cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
          peakBytes: Math.max(0, ...all.map(({ peakBytes }) => peakBytes)),
        };
      }
      return costs;
    },
  };
}

/** @param {number} root */
function familyOf(root) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const family = [root];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

/** @param {number} pid */
function roleOf(pid) {
  const command = read(`/proc/${pid}/cmdline`)?.split("\0") ?? [];
  const [program = "", ...args] = command;
  if (args.some(arg => arg.includes("dynamic-provider"))) return /** @type {const} */ ("provider");
  if (/node$/.test(program) && args.some(arg => /@pulumi\/pulumi\/cmd\/run/.test(arg)))
    return /** @type {const} */ ("language");
  if (/\/pulumi$/.test(program)) return /** @type {const} */ ("cli");
  return undefined;
}

/** The fields after the name, which is in parentheses and may hold anything. @param {number} pid */
function statOf(pid) {
  return read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
}

/** @param {number} pid */
function cpuMsOf(pid) {
  const stat = statOf(pid);
  return stat && (Number(stat[11]) + Number(stat[12])) * TICK_MS;
}

/** @param {number} pid */
function peakOf(pid) {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** @param {string} file */
function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined; // It has ended.
  }
}

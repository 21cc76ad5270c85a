/**
 * How fast the built tutum-server answers with 100 and with 10,000 applications stored: list, get, create, patch at
 * 50 connections, on the loopback, with its data on disk. Prints a table; exits with 1 when a request failed.
 *
 *   node tools/build.mjs && node bench/server-load.mjs [requests of each kind] [applications...]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const CONNECTIONS = 50;
/** Each measurement ends after this, whatever it has done by then. */
const MAX_MS = 20_000;
const REQUESTS = Number(process.argv[2] ?? 5_000);
const SIZES = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [100, 10_000];
const BIN = join(dirname(fileURLToPath(import.meta.url)), "../server/bin/tutum-server.js");
const ROOT = "/api/v1/application/";

/**
 * @typedef {{ name: string, rate: number, p50: number, p99: number, failed: number, rss: number }} Result
 * @typedef {{ method: string, path: string, body?: object }} Call
 */

/** @type {Map<number, Result[]>} */
const results = new Map();
for (const size of SIZES) results.set(size, await measure(size));
print();
process.exitCode = [...results.values()].flat().some(({ failed }) => failed > 0) ? 1 : 0;

/** @param {number} size */
async function measure(size) {
  const folder = mkdtempSync(join(tmpdir(), "tutum-bench-"));
  const args = ["start", "--data", join(folder, "data"), "--apikey", "bench-key", "--start-time", "1ms"];
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise(done => child.on("close", done));
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const url = await addressOf(child);
    const create = () => ({
      method: "POST",
      path: ROOT,
      body: { image: "tutum/hello-world", name: `app-${next()}` },
    });
    let number = 0;
    const next = () => ++number;
    const load = (/** @type {string} */ name, /** @type {() => Call} */ call, count = REQUESTS) =>
      run(name, url, agent, child.pid ?? 0, call, count);

    const fill = await load("fill", create, size);
    if (fill.failed > 0) throw new Error(`${fill.failed} of ${size} applications could not be created`);
    await everyoneRuns(url, agent);
    const uris = await allUris(url, agent);
    const any = () => /** @type {string} */ (uris[Math.floor(Math.random() * uris.length)]);
    let toggle = 0;
    return [
      await load("list (first page)", () => ({ method: "GET", path: ROOT })),
      await load("list (by name)", () => ({
        method: "GET",
        path: `${ROOT}?name=app-${1 + Math.floor(Math.random() * size)}`,
      })),
      await load("list (by state)", () => ({ method: "GET", path: `${ROOT}?state=Starting` })),
      await load("get", () => ({ method: "GET", path: any() })),
      await load("patch", () => ({
        method: "PATCH",
        path: any(),
        body: { web_public_dns: `v${toggle++}.example.com` },
      })),
      // Last: it adds to what is stored.
      await load("create", create),
    ];
  } finally {
    agent.destroy();
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<string>} */
function addressOf(child) {
  return new Promise((found, failed) => {
    let text = "";
    child.stdout?.on("data", data => {
      text += data;
      const url = /answers at (\S+)\/api\/v1\//.exec(text)?.[1];
      if (url) found(url);
    });
    child.on("close", code => failed(new Error(`the server ended with ${code}`)));
  });
}

/**
 * @param {string} name @param {string} url @param {Agent} agent @param {number} pid
 * @param {() => Call} call @param {number} count
 * @returns {Promise<Result>}
 */
async function run(name, url, agent, pid, call, count) {
  /** @type {number[]} */
  const times = [];
  let [sent, failed] = [0, 0];
  const start = performance.now();
  const worker = async () => {
    while (sent < count && performance.now() - start < MAX_MS * (name === "fill" ? 10 : 1)) {
      sent++;
      const before = performance.now();
      const { status } = await ask(url, agent, call()).catch(() => ({ status: 0 }));
      times.push(performance.now() - before);
      if (status !== 200 && status !== 202) failed++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (performance.now() - start) / 1_000;
  times.sort((a, b) => a - b);
  const percentile = (/** @type {number} */ part) =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return {
    name,
    rate: times.length / seconds,
    p50: percentile(0.5),
    p99: percentile(0.99),
    failed,
    rss: rssOf(pid),
  };
}

/** @param {string} url @param {Agent} agent @param {Call} call @returns {Promise<{ status: number, text: string }>} */
function ask(url, agent, { method, path, body }) {
  const headers = {
    Authorization: "ApiKey admin:bench-key",
    ...(body ? { "Content-Type": "application/json" } : {}),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url + path, { method, headers, agent, timeout: MAX_MS }, answer => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", chunk => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on("error", reject);
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
    outgoing.on("error", reject);
    outgoing.end(body && JSON.stringify(body));
  });
}

/** @param {string} url @param {Agent} agent */
async function everyoneRuns(url, agent) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const { text } = await ask(url, agent, { method: "GET", path: `${ROOT}?state=Starting&limit=1` });
    if (JSON.parse(text).meta.total_count === 0) return;
  }
  throw new Error("the applications did not start");
}

/** @param {string} url @param {Agent} agent @returns {Promise<string[]>} */
async function allUris(url, agent) {
  const uris = [];
  for (let next = `${ROOT}?limit=100`; next; ) {
    const { meta, objects } = JSON.parse((await ask(url, agent, { method: "GET", path: next })).text);
    uris.push(...objects.map((/** @type {{ resource_uri: string }} */ { resource_uri }) => resource_uri));
    next = meta.next;
  }
  return uris;
}

/** In MB; 0 where the system does not tell. @param {number} pid */
function rssOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function print() {
  const [small, large] = [results.get(SIZES[0] ?? 0) ?? [], results.get(SIZES.at(-1) ?? 0) ?? []];
  const rows = [["", "applications", "requests/s", "p50 ms", "p99 ms", "failed", "RSS MB", "factor"]];
  for (const [index, { name }] of small.entries()) {
    for (const size of SIZES) {
      const result = results.get(size)?.[index];
      if (!result) continue;
      const factor =
        size === SIZES.at(-1) && SIZES.length > 1
          ? ((small[index]?.rate ?? 0) / (large[index]?.rate ?? 1)).toFixed(2)
          : "";
      const { rate, p50, p99, failed, rss } = result;
      rows.push([
        name,
        `${size}`,
        rate.toFixed(0),
        p50.toFixed(1),
        p99.toFixed(1),
        `${failed}`,
        rss.toFixed(0),
        factor,
      ]);
    }
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => (row[column] ?? "").length))) ?? [];
  const lines = rows.map(row =>
    row
      .map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[0] ?? 0)))
      .join("  "),
  );
  const about = `tutum-server, ${CONNECTIONS} connections, Node ${process.version}, ${cpus().length} CPUs (shared with the client)`;
  process.stdout.write(
    `${about}\n\n${lines.join("\n")}\n\nfactor: how many times slower with ${SIZES.at(-1)} than with ${SIZES[0]} applications\n`,
  );
}

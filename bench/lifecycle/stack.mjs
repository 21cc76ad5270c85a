/** A contender's program as a stack of its own: state, HOME and settings in a folder that goes with it. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ROOT } from "../../tools/clone.mjs";
import { CONTENDERS } from "./plan.mjs";
import { watchProcesses } from "./processes.mjs";

const PROGRAM = path.join(import.meta.dirname, "program");
const EVENTS_MS = 20;

/**
 * @typedef {object} RunResult
 * @property {number} wallMs
 * @property {ReturnType<ReturnType<typeof watchProcesses>["stop"]>} costs
 * @property {Map<string, number>} done when the engine was done with a resource, by its name; milliseconds since the epoch
 * @property {string[]} steps as `create app-0`
 */

export class BenchStack {
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), "tutum-bench-"));
  #program = path.join(this.#folder, "program");
  #contender;
  #pulumi;
  #env;

  /**
   * @param {import("./plan.mjs").Contender} contender
   * @param {string} pulumi
   * @param {Record<string, string>} env
   */
  constructor(contender, pulumi, env) {
    this.#contender = contender;
    this.#pulumi = pulumi;
    fs.cpSync(PROGRAM, this.#program, { recursive: true });
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(this.#program, "node_modules"));
    fs.mkdirSync(path.join(this.#folder, "state"));
    this.#env = {
      PATH: `${path.dirname(pulumi)}${path.delimiter}${process.env.PATH}`,
      HOME: this.#folder,
      PULUMI_HOME: path.join(this.#folder, ".pulumi"),
      PULUMI_STACK: "bench",
      PULUMI_BACKEND_URL: `file://${this.#folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DEBUG_COMMANDS: "1",
      TS_NODE_CACHE_DIRECTORY: path.join(this.#folder, "compiled"),
      BENCH_CONTENDER: CONTENDERS[contender].program,
      ...CONTENDERS[contender].env,
      ...env,
    };
  }

  async init() {
    await this.run(["stack", "init", "bench"]);
    await this.run(["config", "set", "tutum:owner", "6f1a4f5e-8f43-4c5e-9d5b-1f0f3c0e6f11"]);
  }

  /**
   * @param {string[]} args
   * @param {Record<string, string>} [env]
   * @returns {Promise<RunResult>}
   */
  async run(args, env = {}) {
    const operation = ["up", "preview", "refresh", "destroy"].includes(args[0] ?? "");
    const log = path.join(this.#folder, "events.json");
    fs.writeFileSync(log, "");
    const follower = followEvents(log);
    const started = performance.now();
    const cli = spawn(
      this.#pulumi,
      ["--non-interactive", ...args, ...(operation ? ["--event-log", log] : [])],
      { cwd: this.#program, env: { ...this.#env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const processes = watchProcesses(cli.pid ?? 0);
    let output = "";
    for (const stream of [cli.stdout, cli.stderr]) stream.on("data", chunk => (output += chunk));
    const code = await new Promise((resolve, reject) => cli.on("error", reject).on("close", resolve));
    const wallMs = performance.now() - started;
    const costs = processes.stop();
    const { done, steps } = follower.stop();
    if (code !== 0)
      throw new Error(`${this.#contender}: pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
    return { wallMs, costs, done, steps };
  }

  /** Bytes of the state file as it lies on disk. */
  stateBytes() {
    const file = path.join(this.#folder, "state/.pulumi/stacks/bench/bench.json");
    return fs.statSync(file).size;
  }

  dispose() {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Reads the event log while the CLI writes it: its own times are whole seconds.
 * @param {string} log
 */
function followEvents(log) {
  const file = fs.openSync(log, "r");
  /** @type {Map<string, number>} */
  const done = new Map();
  /** @type {string[]} */
  const steps = [];
  let rest = "";
  const buffer = Buffer.alloc(1 << 20);
  const read = () => {
    for (let length = 1; length > 0; ) {
      length = fs.readSync(file, buffer);
      const lines = (rest + buffer.toString("utf8", 0, length)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.includes('"resOutputsEvent"')) note(JSON.parse(line));
    }
  };
  const note = (/** @type {{ resOutputsEvent: { metadata: { op: string, urn: string } } }} */ event) => {
    const { op, urn } = event.resOutputsEvent.metadata;
    const name = urn.slice(urn.lastIndexOf("::") + 2);
    if (!name.startsWith("app-")) return; // the stack, the provider
    done.set(name, Date.now());
    if (!["same", "refresh", "read"].includes(op)) steps.push(`${op} ${name}`);
  };
  const timer = setInterval(read, EVENTS_MS);
  return {
    stop() {
      clearInterval(timer);
      read();
      fs.closeSync(file);
      return { done, steps };
    },
  };
}

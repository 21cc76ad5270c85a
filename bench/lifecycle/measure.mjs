/** One contender through one scenario: each operation on the stack that the one before it left. */

import { benchServer } from "./server.mjs";
import { BenchStack } from "./stack.mjs";
import { median } from "./statistics.mjs";

/**
 * @typedef {object} Sample
 * @property {string} scenario
 * @property {number} n applications
 * @property {import("./plan.mjs").Contender} contender
 * @property {string} operation
 * @property {number} wallMs
 * @property {import("./stack.mjs").RunResult["costs"]} costs
 * @property {import("./server.mjs").Requests} requests
 * @property {number} stateBytes after the operation
 * @property {number | undefined} overheadMs median of what passed from "runs" to "the engine knows"; undefined where nothing started
 */

/**
 * @param {import("./plan.mjs").Scenario} scenario
 * @param {import("./plan.mjs").Contender} contender
 * @param {string} pulumi
 * @param {(operation: string) => void} progress
 * @returns {Promise<Sample[]>}
 */
export async function measure(scenario, contender, pulumi, progress) {
  const { n, shape, parallel } = scenario;
  const server = await benchServer(scenario);
  const stack = new BenchStack(contender, pulumi, {
    ...server.env,
    BENCH_N: String(n),
    BENCH_SHAPE: shape,
  });
  /** @type {Sample[]} */
  const samples = [];
  /** @param {string} operation @param {string[]} args @param {string[]} expected @param {string} [containers] */
  const step = async (operation, args, expected, containers = "1") => {
    progress(operation);
    server.taken();
    const limit = parallel ? ["--parallel", String(parallel)] : [];
    const { wallMs, costs, done, steps } = await stack.run([...args, ...limit], {
      BENCH_CONTAINERS: containers,
    });
    const { requests, running } = server.taken();
    if (contender !== "empty" && steps.sort().join() !== expected.sort().join())
      throw new Error(`${contender}, ${operation}: ${steps.length} steps instead of ${expected.length}`);
    const ends = [...done.values()];
    // In order of time: which of them it was does not matter to the median.
    const overheads = ends.sort((a, b) => a - b).map((end, index) => end - (running[index] ?? end));
    const started = operation === "create" && running.length === n;
    const overheadMs = started ? median(overheads) : undefined;
    const stateBytes = stack.stateBytes();
    samples.push({
      scenario: scenario.name,
      n,
      contender,
      operation,
      wallMs,
      costs,
      requests,
      stateBytes,
      overheadMs,
    });
  };
  const all = (/** @type {string} */ op) => Array.from({ length: n }, (_, index) => `${op} app-${index}`);
  const apply = ["--yes", "--skip-preview"];
  try {
    await stack.init();
    // As in a pull request's job: nothing is compiled yet.
    await step("first preview", ["preview"], all("create"));
    await step("create", ["up", ...apply], all("create"));
    await step("up, no change", ["up", ...apply], []);
    await step("preview", ["preview"], []);
    // The floor's provider reads nothing.
    if (contender !== "floor") await step("refresh", ["refresh", ...apply], []);
    await step("patch", ["up", ...apply], ["update app-0"], "2");
    await step("destroy", ["destroy", ...apply], all("delete"), "2");
  } finally {
    stack.dispose();
    await server.close();
  }
  return samples;
}

/**
 * What declaring applications costs, ours beside what a user would write and beside Pulumi alone, in one run:
 * `npm run bench`, `npm run bench -- --full`, `-- --only TEXT` for the scenarios whose name has it.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../tools/clone.mjs";
import { setUp } from "../../tools/setup.mjs";
import { charts } from "./charts.mjs";
import { measure } from "./measure.mjs";
import { FULL, QUICK } from "./plan.mjs";
import { tables } from "./tables.mjs";

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    output: { type: "string", default: path.join(ROOT, ".local", "bench.json") },
  },
});
const { bin } = await setUp();
const plan = (values.full ? FULL : QUICK).filter(({ name }) => name.includes(values.only));

/** @type {import("./measure.mjs").Sample[]} */
const samples = [];
for (const scenario of plan) {
  for (let repetition = 0; repetition < scenario.repetitions; repetition++) {
    // Each begins once, so that what a machine does over time is nobody's.
    const offset = repetition % scenario.contenders.length;
    const order = [...scenario.contenders.slice(offset), ...scenario.contenders.slice(0, offset)];
    for (const contender of order) {
      const label = `${scenario.name} · ${repetition + 1} of ${scenario.repetitions} · ${contender}`;
      samples.push(...(await measure(scenario, contender, bin, operation => say(`${label} · ${operation}`))));
    }
  }
}
say("");
const [{ model = "" } = {}] = os.cpus();
const machine = { cpu: model, cores: os.cpus().length, memoryBytes: os.totalmem(), node: process.version };
fs.mkdirSync(path.dirname(values.output), { recursive: true });
fs.writeFileSync(values.output, `${JSON.stringify({ machine, samples }, null, 1)}\n`);
const growing = plan.filter(({ chart }) => chart).map(({ name }) => name);
const charted = samples.filter(({ scenario }) => growing.includes(scenario));
const picture = values.output.replace(/(\.json)?$/, ".svg");
if (growing.length > 1) fs.writeFileSync(picture, charts(charted));
process.stdout.write(`${tables(samples)}\n\nAll samples: ${values.output}\n`);
if (growing.length > 1) process.stdout.write(`Charts: ${picture}\n`);

/** One line that is written over, or a line each where nobody looks. @param {string} text */
function say(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text) process.stderr.write(`${text}\n`);
}

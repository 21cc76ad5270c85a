/**
 * `npm run test:seeded-bugs -- [--runs N] [--only TEXT]`: puts each seeded bug into the sources, one at a time in a
 * process of its own, and proves that the simulator finds it. Prints the schedules and seconds it took.
 */
import { parseArgs } from "node:util";
import { runSimulations } from "./node-run";
import { SEEDED_BUGS, type SeededBug } from "./seeded-bugs";

const { values } = parseArgs({
  options: {
    /** Schedules that each bug must be found within. */
    runs: { type: "string", default: "5000" },
    only: { type: "string", default: "" },
    seed: { type: "string", default: "1" },
  },
});

const CONCURRENT = 2;

interface Hunt {
  found: boolean;
  schedules: string;
  seconds: number;
  output: string;
}

async function main(): Promise<void> {
  const bugs = SEEDED_BUGS.filter(({ name }) => name.includes(values.only));
  const left = [...bugs];
  let missed = 0;
  const worker = async () => {
    for (let bug = left.shift(); bug; bug = left.shift()) {
      const { found, schedules, seconds, output } = await hunt(bug);
      if (!found) missed++;
      const result = found ? `found by schedule ${schedules}` : `NOT FOUND: ${output}`;
      process.stdout.write(`${bug.name}: ${result}, ${seconds} s\n`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  process.stdout.write(`${bugs.length - missed} of ${bugs.length} seeded bugs found\n`);
  process.exitCode = missed === 0 && bugs.length > 0 ? 0 : 1;
}

async function hunt({ file, from, to }: SeededBug): Promise<Hunt> {
  const begun = Date.now();
  const args = ["--quiet", "--no-shrink", "--runs", values.runs, "--seed", values.seed];
  const { code, output } = await runSimulations(args, { file, from, to });
  const [, schedules = ""] = /^Schedule (\d+) of/m.exec(output) ?? [];
  const seconds = Math.round((Date.now() - begun) / 100) / 10;
  return { found: code === 1 && schedules !== "", schedules, seconds, output };
}

void main();

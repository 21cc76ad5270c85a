/**
 * `npm run test:simulate -- [--runs N] [--seed N] [--path P]`: random schedules, each in a simulated world. Prints
 * what went wrong with the smallest schedule that shows it, or a table of the faults that were met.
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { describe, schedule } from "./schedule";
import { type Outcome, simulate } from "./simulate";
import { Statistics } from "./statistics";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    seed: { type: "string" },
    path: { type: "string" },
    /** One line at the end. */
    quiet: { type: "boolean", default: false },
    /** The first schedule that fails, as it is. */
    "no-shrink": { type: "boolean", default: false },
  },
});

async function main(): Promise<number> {
  const numRuns = Number(values.runs);
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  const statistics = new Statistics();
  const begun = Date.now();
  const property = fc.asyncProperty(schedule, async one => {
    const outcome: Outcome = await simulate(one);
    statistics.add(outcome);
    if (!values.quiet && statistics.runs % 500 === 0) write(statistics.progress(numRuns, Date.now() - begun));
  });
  const result = await fc.check(property, {
    numRuns,
    seed,
    path: values.path,
    endOnFailure: values["no-shrink"],
  });
  if (!result.failed) {
    write(values.quiet ? statistics.progress(numRuns, Date.now() - begun) : statistics.table());
    return 0;
  }
  const [smallest] = result.counterexample ?? [];
  const error = result.errorInstance;
  write(`Schedule ${result.numRuns} of ${numRuns} fails (${result.numShrinks} times made smaller):\n`);
  write(smallest ? describe(smallest) : "");
  write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  write(`Again: npm run test:simulate -- --seed ${result.seed} --path ${result.counterexamplePath}`);
  return 1;
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = 2;
  },
);

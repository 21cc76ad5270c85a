import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runSimulations } from "./node-run";
import { SEEDED_BUGS } from "./seeded-bugs";

/** Always the same schedules: what they show is what was changed. */
const SEED = "1";
/** Other ones in every run, so that more and more of them have been played. */
const ANOTHER_SEED = process.env.SIMULATION_SEED ?? String(randomInt(2 ** 31));

describe("provider, engine and server in one simulated world", () => {
  test.each([
    [SEED, "500"],
    [ANOTHER_SEED, "300"],
  ])(
    "seed %s, %s schedules of faults, kills, crashes and other actors: nothing lost, nothing twice, nobody else touched",
    async (seed, runs) => {
      const { code, output } = await runSimulations(["--runs", runs, "--seed", seed, "--quiet"]);
      if (code !== 0) throw new Error(output);
      expect(output).toContain(`${runs} of ${runs} schedules`);
      process.stdout.write(`simulated ${runs} schedules of seed ${seed}\n`);
    },
    240_000,
  );

  // The others take longer: `npm run test:seeded-bugs`.
  test.each([
    "a partial failure lacks __provider",
    "a create does not look for the application of a killed run first",
    "a failure after the 202 is thrown without the id",
    "the server acknowledges before the change is synced",
  ])(
    "a bug put in on purpose is found, with what repeats it: %s",
    async name => {
      const bug = SEEDED_BUGS.find(one => one.name === name);
      if (!bug) throw new Error("there is no such bug");
      const { code, output } = await runSimulations(["--runs", "500", "--seed", SEED, "--no-shrink"], bug);
      expect({ code, output }).toMatchObject({ code: 1 });
      const [, seed, path] = /npm run test:simulate -- --seed (\d+) --path ([\d:]+)/.exec(output) ?? [];
      const again = await runSimulations(["--runs", "1", "--seed", seed ?? "", "--path", path ?? ""], bug);
      expect(again.code).toBe(1);
    },
    120_000,
  );

  test.each(SEEDED_BUGS)("the source still has what becomes a bug: $name", ({ file, from }) => {
    const source = readFileSync(join(__dirname, "../..", file), "utf8");
    expect(source.split(from)).toHaveLength(2);
  });
});

/**
 * Tests whose cases are generated from a seed: `FUZZ_SEED` plays that seed alone, `FUZZ_COUNT` says how many cases.
 *
 *     fuzz("no request ends the server", 20_000, async ({ chance, count }) => { … });
 */
import { randomInt } from "node:crypto";
import { relative } from "node:path";
import { type Chance, chanceOf } from "../simulation/chance";

export interface Play {
  /** The same numbers for the same seed. */
  chance: Chance;
  /** For generators that have chance of their own. */
  seed: number;
  /** So many cases are to be played. */
  count: number;
}

const FIXED_SEED = 1;

/** One test for each seed: a fixed one, which finds the same each time, and a new one, which may find more. */
export function fuzz(title: string, count: number, play: (play: Play) => unknown): void {
  for (const seed of seeds()) {
    test(`${title} (seed ${seed})`, async () => {
      try {
        await play({ chance: chanceOf(seed), seed, count: setting("FUZZ_COUNT", 1) ?? count });
      } catch (error) {
        process.stderr.write(`To repeat it: ${repeat(seed)}\n`);
        throw error;
      }
    });
  }
}

/** What plays a seed again. */
export function repeat(seed: number): string {
  const { FUZZ_COUNT } = process.env;
  const file = relative(process.cwd(), expect.getState().testPath ?? "");
  return `${FUZZ_COUNT ? `FUZZ_COUNT=${FUZZ_COUNT} ` : ""}FUZZ_SEED=${seed} npm run test:fuzz -- ${file}`;
}

export function seeds(): number[] {
  const wanted = setting("FUZZ_SEED", 0);
  return wanted === undefined ? [FIXED_SEED, randomInt(2, 2 ** 31)] : [wanted];
}

function setting(name: "FUZZ_SEED" | "FUZZ_COUNT", lowest: number): number | undefined {
  const text = process.env[name];
  if (!text) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < lowest)
    throw new Error(`${name} must be a whole number from ${lowest} on, not "${text}".`);
  return number;
}

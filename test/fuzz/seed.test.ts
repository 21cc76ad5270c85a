import { chanceOf } from "../simulation/chance";
import { fuzz, repeat, seeds } from "./seed";

const { FUZZ_SEED, FUZZ_COUNT } = process.env;

afterEach(() => {
  Object.assign(process.env, { FUZZ_SEED: FUZZ_SEED ?? "", FUZZ_COUNT: FUZZ_COUNT ?? "" });
});

fuzz("a seed plays the same cases whenever it is played", 100, ({ chance, seed, count }) => {
  const again = chanceOf(seed);
  for (let n = 0; n < count; n++) expect(chance()).toBe(again());
});

test("a fixed seed and another one are played, or the one that is asked for", () => {
  process.env.FUZZ_SEED = "";
  const [fixed, another] = seeds();
  expect(seeds()[0]).toBe(fixed);
  expect(another).not.toBe(fixed);
  process.env.FUZZ_SEED = "7";
  expect(seeds()).toEqual([7]);
  process.env.FUZZ_SEED = "seven";
  expect(seeds).toThrow('FUZZ_SEED must be a whole number from 0 on, not "seven".');
});

test("a failure says how it is repeated", () => {
  process.env.FUZZ_COUNT = "";
  expect(repeat(7)).toBe("FUZZ_SEED=7 npm run test:fuzz -- test/fuzz/seed.test.ts");
  process.env.FUZZ_COUNT = "9";
  expect(repeat(7)).toBe("FUZZ_COUNT=9 FUZZ_SEED=7 npm run test:fuzz -- test/fuzz/seed.test.ts");
});

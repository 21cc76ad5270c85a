import fc from "fast-check";
import { applicationsOn, differences, isAlive, isMarked } from "../host/judge";
import { described, type Incident, isEnd, life, REQUESTS, ruleOf, type Scenario } from "../host/scenario";
import { until } from "../until";
import { Stack } from "./stack";

const { ENGINE_SCENARIOS = "20", ENGINE_SEED = "1" } = process.env;
const [COUNT, SEED] = [Number(ENGINE_SCENARIOS), Number(ENGINE_SEED)];
/** Stacks that live side by side: most of the time the CLI starts, and waits for its processes. */
const LIVES = 2;

jest.setTimeout(120_000 + COUNT * 30_000);

/** The scenarios of test/host through the real CLI, one after another in the life of a stack. */
describe("whatever happens to a run of the CLI, at most two more ups bring about what is declared", () => {
  const stacks: Stack[] = [];
  afterAll(() => Promise.all(stacks.map(stack => stack.dispose())));

  test(`in ${COUNT} generated scenarios (ENGINE_SEED=${SEED})`, async () => {
    const lives = fc.sample(life(COUNT / LIVES), { numRuns: LIVES, seed: SEED });
    const met = await Promise.all(
      lives.map(async scenarios => {
        const stack = await Stack.create("test/engine/programs/declared");
        stacks.push(stack);
        await stack.config("tutum:owner", "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10");
        let count = 0;
        for (const scenario of scenarios) if (await lived(stack, scenario)) count++;
        return count;
      }),
    );
    // Else the scenarios would say little: the request has to come that something happens to.
    expect(met.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(COUNT / 2);
  });

  /** Returns whether the request came that something was to happen to. */
  async function lived(stack: Stack, scenario: Scenario): Promise<boolean> {
    const { after: program, incident } = scenario;
    const story = described(scenario);
    stack.env.DECLARATIONS = JSON.stringify(program);
    const met = await disturbed(stack, incident);
    let last = await stack.preview();
    for (let ups = 0; ups < 2 && (last.code !== 0 || last.steps.length > 0); ups++) {
      const up = await stack.up();
      last = up.code === 0 ? await stack.preview() : up;
    }
    const { applications, pending } = await stack.exported();
    const ids = Object.fromEntries(Object.entries(applications).map(([name, { id }]) => [name, id]));
    const found = (await applicationsOn(stack.server)).filter(one => isAlive(one) && isMarked(one));
    const flaws = [
      ...differences(program, ids, found),
      ...pending,
      ...last.steps,
      ...(last.code === 0 ? [] : [last.output]),
    ];
    expect({ story, flaws }).toEqual({ story, flaws: [] });
    return met;
  }

  async function disturbed(stack: Stack, incident: Incident): Promise<boolean> {
    const { on, nth, what } = incident;
    const { faults } = stack.server;
    if (nth > 1) faults.add({ ...REQUESTS[on], times: nth - 1 });
    const rule = faults.add(ruleOf(incident));
    const status = () => faults.list().find(({ id }) => id === rule);
    const run = stack.begin(["up", "--yes", "--skip-preview"]);
    let [ended, met] = [false, false];
    void run.done.then(() => {
      ended = true;
    });
    if (isEnd(what)) {
      await until(() => ended || status()?.held === 1, "the request comes", 60_000);
      met = status()?.applied === 1;
      if (what.startsWith("killed")) stack.killProviderHost();
      else run.kill("SIGINT");
      // The answer to a creation is waited for: with it the application is in the state.
      if (on === "create") faults.release(rule);
    }
    await run.done;
    met ||= status()?.applied === 1;
    faults.clear();
    return met;
  }
});

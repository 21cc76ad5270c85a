import fc from "fast-check";
import { type Outcome, play } from "./play";
import { described, scenario, unarrived } from "./scenario";

const { HOST_SCENARIOS = "100", HOST_SEED = "1" } = process.env;
const [COUNT, SEED] = [Number(HOST_SCENARIOS), Number(HOST_SEED)];
/** Played at once. */
const BATCH = 20;

jest.setTimeout(120_000 + COUNT * 1_000);

const flawsOf = (outcomes: Outcome[]) =>
  outcomes
    .filter(({ flaws }) => flaws.length > 0)
    .map(outcome => `${described(outcome.scenario)}:\n  ${outcome.flaws.join("\n  ")}`);

/** The real provider host over gRPC, an embedded server over HTTP, real time. */
describe("whatever happens to a run, at most two more bring about what is declared", () => {
  let patient: Promise<Outcome[]>;
  beforeAll(() => {
    // They wait for the minute in which a request may still be on its way, while the others run.
    patient = play(unarrived);
    patient.catch(() => undefined);
  });
  afterAll(() => patient);

  test(`in ${COUNT} generated scenarios (HOST_SEED=${SEED})`, async () => {
    const scenarios = fc.sample(scenario, { numRuns: COUNT, seed: SEED });
    const outcomes: Outcome[] = [];
    for (let at = 0; at < COUNT; at += BATCH) outcomes.push(...(await play(scenarios.slice(at, at + BATCH))));
    expect(flawsOf(outcomes)).toEqual([]);
    // Else the scenarios would say little: the request has to come that something happens to.
    expect(outcomes.filter(({ met }) => met).length).toBeGreaterThan(COUNT / 2);
  });

  test("a creation that never arrived is sent again, once, when that is certain", async () => {
    const outcomes = await patient;
    expect(flawsOf(outcomes)).toEqual([]);
    expect(outcomes.map(({ met, ups }) => ({ met, ups }))).toEqual(
      unarrived.map(() => ({ met: true, ups: 0 })),
    );
  });
});

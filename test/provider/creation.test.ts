import {
  CERTAINTY,
  type Event,
  type Found,
  firstStep,
  nextStep,
  type Step,
} from "../../provider/tutum/lifecycle/creation";

const A = { uuid: "a" };
const B = { uuid: "b" };
const C = { uuid: "c" };
const LOST = new Error("answer lost");

/** Runs the machine on scripted events, each a second later, and returns what it did. */
function run(stable: boolean, events: Event<Found>[], seconds = 1): { steps: string[]; last: Step<Found> } {
  let now = 0;
  let step = firstStep<Found>(stable);
  const steps = [describeStep(step)];
  for (const event of events) {
    now += seconds * 1000;
    step = nextStep(step, event, now);
    steps.push(describeStep(step));
  }
  return { steps, last: step };
}

const describeStep = (step: Step<Found>) => ("attempt" in step ? `${step.do} ${step.attempt}` : step.do);

describe("creating exactly once", () => {
  test("the good path is one POST", () => {
    expect(run(false, [{ created: A }])).toEqual({
      steps: ["post 1", "keep"],
      last: { do: "keep", application: A, surplus: [] },
    });
  });

  test("with a stable marker, a killed run's application is looked for first", () => {
    expect(run(true, [{ found: [] }, { created: A }]).steps).toEqual(["look", "post 1", "keep"]);
    expect(run(true, [{ found: [A] }]).last).toEqual({ do: "adopt", application: A, surplus: [] });
    expect(run(true, [{ found: [A, B] }]).last).toEqual({ do: "adopt", application: A, surplus: [B] });
  });

  test("what may be another state's is neither taken over nor made twice: somebody must decide", () => {
    expect(run(true, [{ found: [], strangers: [A] }]).last).toEqual({ do: "stop", strangers: [A] });
    // What is proved to be ours is no question, whoever else has one.
    expect(run(true, [{ found: [B], strangers: [A] }]).last).toEqual({
      do: "adopt",
      application: B,
      surplus: [],
    });
  });

  test("a refused POST fails at once", () => {
    expect(run(false, [{ refused: LOST }]).last).toEqual({ do: "fail", error: LOST });
  });

  test("after a lost answer what it made is taken; of a request that was delivered twice, the first", () => {
    expect(run(false, [{ doubt: LOST }, { found: [A] }]).last).toEqual({
      do: "adopt",
      application: A,
      surplus: [],
    });
    expect(run(false, [{ doubt: LOST }, { found: [A, B] }]).last).toEqual({
      do: "adopt",
      application: A,
      surplus: [B],
    });
  });

  test("absence must be seen three times over a minute before the second POST", () => {
    const absent = { found: [] };
    expect(run(false, [{ doubt: LOST }, absent, absent], 100).last).toMatchObject({
      do: "search",
      absent: 2,
    });
    expect(run(false, [{ doubt: LOST }, absent, absent, absent], 100).last).toEqual({
      do: "post",
      attempt: 2,
    });
    expect(run(false, [{ doubt: LOST }, ...Array(10).fill(absent)], 1).last).toMatchObject({ do: "search" });
    expect(CERTAINTY).toEqual({ looks: 3, ms: 60_000 });
  });

  const second: Event<Found>[] = [{ doubt: LOST }, ...Array(3).fill({ found: [] })];

  test("a first POST that arrives late: the older stays, the one this run made goes", () => {
    expect(run(false, [...second, { created: B }, { found: [A, B] }], 100).last).toEqual({
      do: "keep",
      application: A,
      surplus: [B],
    });
    expect(run(false, [...second, { created: B }, { found: [B] }], 100).last).toEqual({
      do: "keep",
      application: B,
      surplus: [],
    });
    expect(run(false, [...second, { created: B }, { found: [A, B, C] }], 100).last).toEqual({
      do: "keep",
      application: A,
      surplus: [B, C],
    });
  });

  test("there is no third POST", () => {
    const again: Event<Found>[] = [...second, { doubt: LOST }, ...Array(3).fill({ found: [] })];
    expect(run(false, again, 100).last).toEqual({ do: "fail", error: LOST });
  });

  test("a server that does not answer the search is asked again for ten minutes; its silence is no absence", () => {
    const silence = { unanswered: new Error("503") };
    expect(run(false, [{ doubt: LOST }, silence, silence], 100).last).toMatchObject({
      do: "search",
      absent: 0,
    });
    expect(run(false, [{ doubt: LOST }, ...Array(7).fill(silence)], 100).last).toEqual({
      do: "fail",
      error: LOST,
    });
    expect(run(true, [silence]).last).toMatchObject({ do: "fail" });
    expect(run(false, [...second, { created: B }, silence], 100).last).toEqual({
      do: "keep",
      application: B,
      surplus: [],
    });
  });

  test("a search that fails fails: an unanswered question is no absence", () => {
    expect(run(false, [{ doubt: LOST }, { refused: LOST }]).last).toEqual({ do: "fail", error: LOST });
  });
});

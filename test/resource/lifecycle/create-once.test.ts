import { ApiError } from "../../../provider/http/api-error";
import {
  CERTAINTY,
  type Creation,
  createOnce,
  type Event,
  firstStep,
  nextStep,
  type Step,
} from "../../../provider/resource/lifecycle/create-once";
import { VirtualClock } from "../../http/virtual-clock";

interface Found {
  uuid: string;
}

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
    step = nextStep(step, event, now, ({ uuid }) => uuid);
    steps.push(describeStep(step));
  }
  return { steps, last: step };
}

const describeStep = (step: Step<Found>) => ("attempt" in step ? `${step.do} ${step.attempt}` : step.do);

describe("creating exactly once", () => {
  test("the good path is one POST", () => {
    expect(run(false, [{ created: A }])).toEqual({
      steps: ["post 1", "keep"],
      last: { do: "keep", resource: A, surplus: [] },
    });
  });

  test("with a stable marker, a killed run's application is looked for first", () => {
    expect(run(true, [{ found: [] }, { created: A }]).steps).toEqual(["look", "post 1", "keep"]);
    expect(run(true, [{ found: [A] }]).last).toEqual({ do: "adopt", resource: A, surplus: [] });
    expect(run(true, [{ found: [A, B] }]).last).toEqual({ do: "adopt", resource: A, surplus: [B] });
  });

  test("what may be another state's is neither taken over nor made twice: somebody must decide", () => {
    expect(run(true, [{ found: [], strangers: [A] }]).last).toEqual({ do: "stop", strangers: [A] });
    // What is proved to be ours is no question, whoever else has one.
    expect(run(true, [{ found: [B], strangers: [A] }]).last).toEqual({
      do: "adopt",
      resource: B,
      surplus: [],
    });
  });

  test("a refused POST fails at once", () => {
    expect(run(false, [{ refused: LOST }]).last).toEqual({ do: "fail", error: LOST });
  });

  test("after a lost answer what it made is taken; of a request that was delivered twice, the first", () => {
    expect(run(false, [{ doubt: LOST }, { found: [A] }]).last).toEqual({
      do: "adopt",
      resource: A,
      surplus: [],
    });
    expect(run(false, [{ doubt: LOST }, { found: [A, B] }]).last).toEqual({
      do: "adopt",
      resource: A,
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
      resource: A,
      surplus: [B],
    });
    expect(run(false, [...second, { created: B }, { found: [B] }], 100).last).toEqual({
      do: "keep",
      resource: B,
      surplus: [],
    });
    expect(run(false, [...second, { created: B }, { found: [A, B, C] }], 100).last).toEqual({
      do: "keep",
      resource: A,
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
      resource: B,
      surplus: [],
    });
  });

  test("a search that fails fails: an unanswered question is no absence", () => {
    expect(run(false, [{ doubt: LOST }, { refused: LOST }]).last).toEqual({ do: "fail", error: LOST });
  });
});

describe("a creation that is carried out", () => {
  interface Lamp {
    id: string;
  }
  const lost = () => new ApiError({ message: "lost", method: "POST", path: "lamp/", ambiguous: true });
  const creation = (changes: Partial<Creation<Lamp>> = {}) => {
    const log: string[] = [];
    const noted = (what: string) => void log.push(what);
    const whole: Creation<Lamp> = {
      idOf: ({ id }) => id,
      isRecognised: true,
      look: async () => ({ found: [], strangers: [] }),
      begin: () => noted("begin"),
      send: async () => {
        noted("send");
        return { id: "1" };
      },
      doubtAbout: () => undefined,
      made: async () => [],
      refused: () => noted("refused"),
      ...changes,
    };
    return { whole, log, noted };
  };
  const run = (whole: Creation<Lamp>, signal = new AbortController().signal) => {
    const clock = new VirtualClock();
    return clock.run(createOnce(whole, { clock, signal }));
  };

  test("is noted before it is sent, once", async () => {
    const { whole, log } = creation();
    expect(await run(whole)).toEqual({ do: "keep", resource: { id: "1" }, surplus: [] });
    expect(log).toEqual(["begin", "send"]);
  });

  test("that is cancelled sends nothing", async () => {
    const { whole, log } = creation();
    const reason = new Error("enough");
    expect(await run(whole, AbortSignal.abort(reason))).toEqual({ do: "fail", error: reason });
    expect(log).toEqual([]);
  });

  test("whose response is lost takes what it made; and what is refused for certain is told", async () => {
    const made = async () => [{ id: "7" }];
    const send = () => Promise.reject(lost());
    expect(await run(creation({ send, made }).whole)).toMatchObject({ do: "adopt", resource: { id: "7" } });

    const refusal = new ApiError({ message: "no", method: "POST", path: "lamp/", status: 400 });
    const { whole, log } = creation({ send: () => Promise.reject(refusal) });
    expect(await run(whole)).toEqual({ do: "fail", error: refusal });
    expect(log).toEqual(["begin", "refused"]);
  });

  test("whose response is about something else is in doubt, and sent again when its absence is certain", async () => {
    let sent = 0;
    const send = async () => ({ id: `${++sent}` });
    const doubtAbout = ({ id }: Lamp) => (id === "1" ? lost() : undefined);
    expect(await run(creation({ send, doubtAbout }).whole)).toEqual({
      do: "keep",
      resource: { id: "2" },
      surplus: [],
    });
  });
});

/** Orders, played on a lamp: no engine, and time only passes when it is told to. */
import fc from "fast-check";
import {
  type AfterFailure,
  type Order,
  OrderedActor,
} from "../../../../server/apis/tutum/backend/containers/ordered-actor";
import { createManualClock } from "../../../../server/index";

type Kind = "on" | "off";

interface Step {
  order: Order<Kind> | undefined;
  end(error?: Error): Promise<void>;
}

/** Its steps end when they are told to. */
function lamp(after: (error: Error, order: Order<Kind> | undefined) => AfterFailure = () => "give up") {
  const clock = createManualClock();
  const steps: Step[] = [];
  const failures: string[] = [];
  const lamp = { canAct: true, atOnce: 0, mostAtOnce: 0 };
  const step = (order: Order<Kind> | undefined) =>
    new Promise<void>((resolve, reject) => {
      lamp.mostAtOnce = Math.max(lamp.mostAtOnce, ++lamp.atOnce);
      const end = async (error?: Error) => {
        lamp.atOnce--;
        if (error) reject(error);
        else resolve();
        await settled();
      };
      steps.push({ order, end });
    });
  const actor = new OrderedActor<Kind>(
    {
      canAct: () => lamp.canAct,
      carryOut: step,
      observe: () => step(undefined),
      failed: (error, order) => {
        failures.push(`${order?.kind}: ${(error as Error).message}`);
        return after(error as Error, order);
      },
    },
    clock,
  );
  const kinds = () => steps.map(({ order }) => order?.kind ?? "look");
  return Object.assign(lamp, { actor, clock, steps, failures, kinds, last: () => steps.at(-1) as Step });
}

/** Everything that needs no time has happened. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

async function isResolved(promise: Promise<unknown>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => {
    resolved = true;
  });
  await settled();
  return resolved;
}

test("an order is carried out at once, and then there is none", async () => {
  const { actor, kinds, last } = lamp();
  actor.do("on");
  expect(kinds()).toEqual(["on"]);
  expect(actor).toMatchObject({ isWorking: true, order: { kind: "on" } });
  await last().end();
  expect(actor).toMatchObject({ isWorking: false, order: undefined });
});

test("the last order wins: what is under way learns that it is outdated, and what was ordered between never begins", async () => {
  const { actor, kinds, steps, last } = lamp();
  actor.do("on");
  actor.do("off");
  actor.do("on");
  expect(kinds()).toEqual(["on"]);
  expect(last().order?.outdated.aborted).toBe(true);
  await last().end();
  expect(kinds()).toEqual(["on", "on"]);
  expect(steps[0]?.order).not.toBe(steps[1]?.order);
  expect(last().order?.outdated.aborted).toBe(false);
});

test("two orders of one kind are two orders", async () => {
  const { actor, kinds, last } = lamp();
  actor.do("on");
  actor.do("on");
  await last().end();
  expect(kinds()).toEqual(["on", "on"]);
});

test("without an order being woken is a reason to look, and being woken during a look is one more look", async () => {
  const { actor, kinds, last } = lamp();
  actor.wake();
  actor.wake();
  actor.wake();
  expect(kinds()).toEqual(["look"]);
  await last().end();
  expect(kinds()).toEqual(["look", "look"]);
  await last().end();
  expect(kinds()).toEqual(["look", "look"]);
});

test("an order waits while nothing can be done, and is carried out when the actor is woken then", async () => {
  const played = lamp();
  played.canAct = false;
  played.actor.do("on");
  await settled();
  expect(played.kinds()).toEqual([]);
  played.canAct = true;
  played.actor.wake();
  expect(played.kinds()).toEqual(["on"]);
});

test("what failed and waits is tried again when the actor is woken, not before", async () => {
  const { actor, kinds, last, clock } = lamp(() => "wait");
  actor.do("on");
  await last().end(new Error("silence"));
  await clock.advance(3_600_000);
  expect(kinds()).toEqual(["on"]);
  actor.wake();
  expect(kinds()).toEqual(["on", "on"]);
});

test("what was woken while it failed is tried again at once: what it waits for may be there already", async () => {
  const { actor, kinds, last } = lamp(() => "wait");
  actor.do("on");
  actor.wake();
  await last().end(new Error("silence"));
  expect(kinds()).toEqual(["on", "on"]);
  await last().end(new Error("silence"));
  expect(kinds()).toEqual(["on", "on"]);
});

test("a retry has its pause: being woken does not shorten it, the end of the pause does", async () => {
  const { actor, kinds, last, clock } = lamp(() => ({ retryMs: 1_000 }));
  actor.do("on");
  await last().end(new Error("trouble"));
  actor.wake();
  await clock.advance(999);
  expect(kinds()).toEqual(["on"]);
  await clock.advance(1);
  expect(kinds()).toEqual(["on", "on"]);
  await last().end(new Error("trouble"));
  actor.endPause();
  expect(kinds()).toEqual(["on", "on"]);
  actor.wake();
  expect(kinds()).toEqual(["on", "on", "on"]);
});

test("a new order does not wait for the next try of the one before", async () => {
  const { actor, kinds, last, clock } = lamp(() => ({ retryMs: 1_000 }));
  actor.do("on");
  await last().end(new Error("trouble"));
  actor.do("off");
  expect(kinds()).toEqual(["on", "off"]);
  await last().end();
  await clock.advance(1_000);
  expect(kinds()).toEqual(["on", "off"]);
});

test("an order that is given up is no longer there", async () => {
  const { actor, failures, last } = lamp();
  actor.do("on");
  await last().end(new Error("no bulb"));
  expect(failures).toEqual(["on: no bulb"]);
  expect(actor).toMatchObject({ isWorking: false, order: undefined });
});

test("the failure of what is outdated is nobody's matter: the newest order begins at once", async () => {
  const { actor, failures, kinds, last } = lamp(() => ({ retryMs: 1_000 }));
  actor.do("on");
  actor.do("off");
  await last().end(new Error("trouble"));
  expect(failures).toEqual([]);
  expect(kinds()).toEqual(["on", "off"]);
});

test("an order that comes while a failure is reported is not given up with the one that failed", async () => {
  const { actor, kinds, last } = lamp((_, order) => {
    if (order?.kind === "on") actor.do("off");
    return "give up";
  });
  actor.do("on");
  await last().end(new Error("no bulb"));
  expect(kinds()).toEqual(["on", "off"]);
});

test.each([0, 1, 2, 3, 4, 5, 6])(
  "an order that comes %i turns after the end of another is not lost",
  async turns => {
    const { actor, kinds, last } = lamp();
    actor.do("on");
    void last().end();
    for (let turn = 0; turn < turns; turn++) await null;
    actor.do("off");
    await settled();
    expect(kinds()).toEqual(["on", "off"]);
  },
);

test("an abandoned actor is quiet when what was under way has ended, and nothing is tried again", async () => {
  const { actor, last, steps, clock } = lamp(() => ({ retryMs: 1_000 }));
  actor.do("on");
  const abandoned = actor.abandon();
  expect(last().order?.outdated.aborted).toBe(true);
  expect(await isResolved(abandoned)).toBe(false);
  while (actor.isWorking) await last().end();
  expect(await isResolved(abandoned)).toBe(true);

  actor.do("on");
  await last().end(new Error("trouble"));
  const before = steps.length;
  await actor.abandon();
  await clock.advance(60_000);
  expect(steps).toHaveLength(before);
});

test("those who wait for something to happen hear of another order, of its end by hand, and of what stirs", async () => {
  const { actor } = lamp();
  const stirred = actor.happened();
  expect(await isResolved(stirred)).toBe(false);
  actor.stir();
  expect(await isResolved(stirred)).toBe(true);
  const ordered = actor.happened();
  actor.do("on");
  expect(await isResolved(ordered)).toBe(true);
  const abandoned = actor.happened();
  void actor.abandon();
  expect(await isResolved(abandoned)).toBe(true);
});

test("whatever comes in whatever order: one step at a time, and the last order is carried out to its end", async () => {
  const event = fc.constantFrom("on", "off", "wake", "stir", "end", "fail", "pass", "reach", "lose");
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 30 }), fc.boolean(), async (events, waits) => {
      const played = lamp(() => (waits ? "wait" : { retryMs: 100 }));
      const { actor, clock, steps } = played;
      let wanted: Order<Kind> | undefined;
      const running = async (error?: Error) => {
        const step = steps.at(-1);
        if (played.atOnce > 0) await step?.end(error);
      };
      for (const event of events) {
        if (event === "on" || event === "off") {
          actor.do(event);
          wanted = actor.order;
        } else if (event === "wake") actor.wake();
        else if (event === "stir") actor.stir();
        else if (event === "end") await running();
        else if (event === "fail") await running(new Error("trouble"));
        else if (event === "pass") await clock.advance(100);
        else played.canAct = event === "reach";
      }
      played.canAct = true;
      for (let step = 0; step < 10; step++) {
        await clock.advance(100);
        actor.wake();
        await running();
      }
      expect(played.mostAtOnce).toBeLessThanOrEqual(1);
      expect(actor.order).toBeUndefined();
      expect(steps.flatMap(({ order }) => order ?? []).at(-1)).toBe(wanted);
      expect(steps.filter(({ order }) => order !== wanted && order?.outdated.aborted === false)).toEqual([]);
    }),
  );
});

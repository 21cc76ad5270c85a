/** A Swarm does not say that a node's daemon was restarted: what it does say, in whatever order it is seen. */
import { NodeRestarts } from "../../../../server/apis/tutum/backend/swarm/node-restarts";
import { createManualClock } from "../../../../server/host/ports/manual-clock";

const CREATED = 1_000_000;

/** Times are ms: of changes of the node, of the first and the last look that found the task running. */
async function restarted(changes: number[], run: { first: number; last: number }, daemonStart?: number) {
  const clock = createManualClock(CREATED);

  let changed = (_node: string) => {};
  const swarm = {
    ownNode: async () => "manager",
    nodeUpdates: async (_signal: AbortSignal, updated: (node: string) => void) => {
      changed = updated;
    },
  };
  const restarts = new NodeRestarts(swarm, { daemonStart: async () => daemonStart }, clock);
  await restarts.listen();
  let now = 0;
  const advanceTo = async (time: number) => {
    await clock.advance(time - now);
    now = time;
  };
  for (const time of changes) {
    await advanceTo(time);
    changed("worker");
  }
  const node = daemonStart === undefined ? "worker" : "manager";
  const seen = { created: CREATED, first: CREATED + run.first, last: CREATED + run.last };
  const answer = restarts.restartedUnder(node, seen);
  await clock.advance(1_000);
  return answer;
}

test.each([
  ["registered, and gave up its networks", [20_000, 20_100], { first: 5_000, last: 19_000 }, true],
  ["was still told to run it when it had registered", [20_000, 20_300], { first: 5_000, last: 20_200 }, true],
  ["gave up its networks with its last container", [20_300], { first: 5_000, last: 19_000 }, false],
  [
    "was given a network for a short run, and gave it up",
    [20_000, 23_000],
    { first: 21_000, last: 22_000 },
    false,
  ],
  ["changed long before", [2_000, 3_000, 20_300], { first: 1_000, last: 20_000 }, false],
])("a worker's daemon that %s: %p, run %p, restarted: %p", async (_, changes, run, expected) => {
  expect(await restarted(changes, run)).toBe(expected);
});

test("the manager's own daemon is asked when it began: of its changes nobody tells", async () => {
  const run = { first: 5_000, last: 19_000 };
  expect(await restarted([], run, CREATED + 20_000)).toBe(true);
  expect(await restarted([], run, CREATED - 20_000)).toBe(false);
});

import type { Clock } from "./clock";

/** A clock that stands still until it is told to move on. */
export interface ManualClock extends Clock {
  /** Runs what is due within the next `ms`, in order of time, letting each task's promises settle before the next one. */
  advance(ms: number): Promise<void>;
}

export function isManualClock(clock: Clock): clock is ManualClock {
  return "advance" in clock;
}

/** `settled` resolves when what a task has begun is done, as far as it needs no more time of this clock. */
export function createManualClock(
  start = Date.UTC(2014, 3, 6, 17, 59, 42),
  settled: () => Promise<void> = fewTurns,
): ManualClock {
  let now = start;
  let timers: { at: number; task: () => void }[] = [];

  return {
    now: () => now,
    steady: () => now,
    setTimeout(task, ms) {
      const timer = { at: now + ms, task };
      timers.push(timer);
      return () => {
        timers = timers.filter(other => other !== timer);
      };
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (let next = earliest(timers, end); next; next = earliest(timers, end)) {
        timers = timers.filter(timer => timer !== next);
        now = Math.max(now, next.at);
        next.task();
        await settled();
      }
      now = end;
    },
  };
}

function earliest<T extends { at: number }>(timers: T[], end: number): T | undefined {
  return timers.filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0];
}

/** A few turns of the event loop: enough for a change to be stored in memory and its consequences to be scheduled. */
async function fewTurns() {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve));
}

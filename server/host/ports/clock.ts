/** Time as the server sees it: injected, so that tests and simulations decide what time it is. */
export interface Clock {
  /** Milliseconds since 1970, for people: it may be set at any time. */
  now(): number;
  /** Milliseconds for windows and lives: it only ever goes on. When the server starts, it is `now`. */
  steady(): number;
  /** Runs `task` once after `ms`; the function returned cancels it. */
  setTimeout(task: () => void, ms: number): () => void;
}

const STARTED = Date.now() - performance.now();

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => STARTED + performance.now(),
  setTimeout: (task, ms) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

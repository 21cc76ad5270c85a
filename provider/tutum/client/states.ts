/** What an application's state means. */

const WITHOUT_POWER = new Set([
  "Not running",
  "Stopping",
  "Stopped",
  "Start failed",
  "Stopped with errors",
  "Terminating",
  "Terminated",
]);

/** Whether anything of the application runs, or is on its way there. */
export function hasPower(state: string): boolean {
  return !WITHOUT_POWER.has(state);
}

/** Whether it runs as a whole, or is on its way there. */
export function runs(state: string): boolean {
  return hasPower(state) && state !== "Partly running";
}

/** Whether the application is gone for good: its data is lost and only its tombstone answers. */
export function isGone(state: string): boolean {
  return state === "Terminating" || state === "Terminated";
}

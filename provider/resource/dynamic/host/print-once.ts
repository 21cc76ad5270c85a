/**
 * The host prints what a read or a delete throws, `${error}: ${error.stack}`, and hands it to the engine, which prints
 * it, too. Of an error that is empty in both nothing is left to print but this.
 */
const NOTHING = ": ";

/** An error that only the engine tells: its message is handed over, and not printed. */
export function toldOnce(error: Error): Error {
  return Object.assign(error, { stack: "", toString: () => "" });
}

/** Keeps the empty line of such an error off the display. */
export function printOnce(to: Pick<Console, "error">): void {
  const print = to.error;
  to.error = (...given: unknown[]) => {
    if (given.length !== 1 || given[0] !== NOTHING) print.apply(to, given);
  };
}

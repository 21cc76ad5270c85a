// The last line of a test run, for people and CI alike: `N passed, N failed`, and `, N skipped` when there are any.

/** How long a run may go on after its last test, before what a test left behind (a server, a timer) is cut off. */
const LINGER_MS = 5_000;

class SummaryReporter {
  /**
   * @param {{ watch: boolean, watchAll: boolean }} globalConfig
   * @param {{ lingerMs?: number }} [options]
   */
  constructor({ watch, watchAll }, { lingerMs = LINGER_MS } = {}) {
    this.isWatching = watch || watchAll;
    this.lingerMs = lingerMs;
  }

  /**
   * @param {Set<unknown>} _contexts
   * @param {import("@jest/reporters").AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
    if (this.isWatching) return;
    // A test file that could not run at all has no failed tests, and counts as one.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`;
    // Jest writes its own summary, and its advice on a run that does not end, before: written at exit, ours is the last.
    process.once("exit", () => process.stderr.write(line));
    setTimeout(() => {
      process.stderr.write("A test left something running (see above): the run is ended all the same.\n");
      process.exit(); // with the code that Jest has set
    }, this.lingerMs).unref();
  }
}

module.exports = SummaryReporter;

/** What is done to a run that has come to its point: the request is held by the server meanwhile. */
import type { RunningCli } from "../engine/stack";
import type { SixApplications } from "./six-applications";

export interface Moment {
  six: SixApplications;
  run: RunningCli;
  /** Lets go what the server holds. */
  letGo(): Promise<void>;
}

/** Each resolves when the run has ended, whatever came of it, and nothing is held any more. */
export const KINDS = {
  "SIGINT once": async ({ six, run, letGo }) => {
    run.kill("SIGINT");
    await six.isCancelling(run);
    await letGo();
    await run.done;
  },

  "SIGINT twice": async ({ six, run, letGo }) => {
    run.kill("SIGINT");
    await six.isCancelling(run);
    run.kill("SIGINT");
    await run.done;
    await six.providersEnd();
    await letGo();
  },

  "SIGKILL of the provider": async ({ six, run, letGo }) => {
    six.stack.killProviderHost();
    await run.done;
    await letGo();
  },

  "SIGKILL of the CLI": async ({ six, run, letGo }) => {
    run.kill("SIGKILL");
    await run.done;
    await six.providersEnd();
    await letGo();
  },

  "SIGKILL of the server": async ({ six, run }) => {
    await six.server.kill();
    await six.server.restart();
    await run.done;
  },
} satisfies Record<string, (moment: Moment) => Promise<void>>;

export type Kind = keyof typeof KINDS;

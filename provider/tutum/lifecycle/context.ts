import { type Clock, systemClock } from "../../http/clock";
import { ExpectedError } from "../../resource/failure";
import type { StackConfig } from "../../resource/lifecycle";
import { isTutumConfigError, TutumClient } from "../client";

/** What the lifecycle needs of the world. One for all resources of a provider process. */
export interface ApplicationContext {
  /** Throws `TutumConfigError` when endpoint or credentials are missing: only what asks the server needs them. */
  readonly client: TutumClient;
  /** The stack's identity, from its configuration (`tutum:owner`). */
  readonly identity: string | undefined;
  /** Applications that belong to a resource already: a creation never takes one of them for its own. */
  readonly known: Set<string>;
  /** Applications that a creation of this process found instead of making them. */
  readonly adopted: Set<string>;
  readonly clock: Clock;
  /** For the user to read; not an error. */
  warn(message: string): void;
}

export function applicationContext(config: StackConfig): ApplicationContext {
  let client: TutumClient | undefined;
  return {
    get client() {
      client ??= clientOf(config);
      return client;
    },
    get identity() {
      return config("tutum:owner");
    },
    known: new Set(),
    adopted: new Set(),
    clock: systemClock,
    warn: message => process.stderr.write(`warning: ${message}\n`),
  };
}

function clientOf(config: StackConfig): TutumClient {
  const [endpoint, user, apikey] = ["tutum:endpoint", "tutum:user", "tutum:apikey"].map(config);
  try {
    return new TutumClient({ endpoint, user, apikey });
  } catch (error) {
    const hint = isTutumConfigError(error) && error.missing && HINTS[error.missing];
    if (!hint) throw error;
    // In a stack the client's options are the stack's configuration.
    const message = error.message.replace(
      "the options user and apikey",
      "stack config tutum:user and tutum:apikey",
    );
    throw new ExpectedError(
      `${message} In a stack: ${hint}. Refresh and destroy see a changed setting with --run-program, or after an up.`,
    );
  }
}

const HINTS = {
  endpoint: "`pulumi config set tutum:endpoint URL`, or `npx tutum-server exec -- pulumi up`",
  user: "`pulumi config set tutum:user NAME`",
  apikey: "`pulumi config set --secret tutum:apikey KEY`",
};

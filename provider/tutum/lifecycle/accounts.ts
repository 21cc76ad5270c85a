/** Clients by account: each has its own connections, retry budget and poller, so one cannot slow another down. */
import { RetryBudget } from "../../http/retry";
import { ExpectedError } from "../../resource/failure";
import type { StackConfig } from "../../resource/lifecycle";
import { object, optional, record, safeParse, string } from "../../resource/schema";
import { isTutumConfigError, TutumClient, type TutumClientOptions } from "../client";

/** The client of a named account, or of the default one. Made when first asked for. */
export type ClientOf = (account: string | undefined) => TutumClient;

/** What the clients reach the world by, and the environment: the real ones unless a test says otherwise. */
export type Ports = Pick<TutumClientOptions, "clock" | "random" | "transport" | "env">;

export function accountClients(config: StackConfig, ports: Ports): ClientOf {
  const clients = new Map<string | undefined, TutumClient>();
  return account => {
    const client = clients.get(account) ?? connect(config, ports, account);
    clients.set(account, client);
    return client;
  };
}

function connect(config: StackConfig, ports: Ports, account: string | undefined): TutumClient {
  try {
    return new TutumClient({ ...settingsOf(config, account), ...ports, retryBudget: new RetryBudget() });
  } catch (error) {
    if (!isTutumConfigError(error) || !error.missing) throw error;
    const hint = account === undefined ? HINTS[error.missing] : accountHint(account, error.missing);
    // In a stack the client's options are the stack's configuration.
    const message = error.message.replace(
      "the options user and apikey",
      account === undefined
        ? "stack config tutum:user and tutum:apikey"
        : `stack config tutum:accounts.${account}`,
    );
    throw new ExpectedError(
      `${message} In a stack: ${hint}. Refresh and destroy see a changed setting with --run-program, or after an up.`,
    );
  }
}

/** Of a named account nothing falls back to the default one but the endpoint: a server has many accounts. */
function settingsOf(config: StackConfig, account: string | undefined): TutumClientOptions {
  const [endpoint, user, apikey] = ["tutum:endpoint", "tutum:user", "tutum:apikey"].map(config);
  if (account === undefined) return { endpoint, user, apikey };
  return { endpoint, ...accountsOf(config)[account], account };
}

const accounts = record(
  string,
  object({ endpoint: optional(string), user: optional(string), apikey: optional(string) }),
);

/** Stack config `tutum:accounts`: `{ staging: { endpoint, user, apikey } }`, each part optional. */
function accountsOf(config: StackConfig): Record<string, TutumClientOptions> {
  const text = config("tutum:accounts");
  if (text === undefined) return {};
  const { success, output } = safeParse(accounts, parsed(text));
  if (success) return output as Record<string, TutumClientOptions>;
  // Not the value itself: it holds keys.
  throw new ExpectedError(
    "Stack config tutum:accounts must be an object of accounts with endpoint, user and apikey, as " +
      "`pulumi config set --path 'tutum:accounts.staging.user' NAME` makes it.",
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const HINTS = {
  endpoint: "`pulumi config set tutum:endpoint URL`, or `npx --no-install tutum-server exec -- pulumi up`",
  user: "`pulumi config set tutum:user NAME`",
  apikey: "`pulumi config set --secret tutum:apikey KEY`",
};

function accountHint(account: string, missing: keyof typeof HINTS): string {
  const secret = missing === "apikey" ? "--secret " : "";
  return `\`pulumi config set ${secret}--path 'tutum:accounts.${account}.${missing}' VALUE\``;
}

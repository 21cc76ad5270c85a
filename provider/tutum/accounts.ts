/** Clients by account: each has its own connections, retry budget and poller, so one cannot slow another down. */
import { RetryBudget } from "../http/retry";
import { ExpectedError } from "../resource/lifecycle/failure";
import type { StackConfig } from "../resource/lifecycle/lifecycle";
import { nearest } from "../resource/table/schema";
import { type Account, accountsIn, Explanations, perAccount } from "../settings/accounts";
import { isTutumConfigError, TutumClient, type TutumClientOptions } from "./client";
import { accountsInFile, resolveCredentials } from "./client/credentials";
import { resolveEndpoint } from "./client/endpoint";

/** The client of a named account, or of the default one. Made when first asked for. */
export type ClientOf = (account: string | undefined) => TutumClient;

/** What the clients reach the world by, and the environment: the real ones unless a test says otherwise. */
export type Ports = Pick<TutumClientOptions, "clock" | "random" | "transport" | "env">;

export function accountClients(config: StackConfig, ports: Ports): ClientOf {
  const explanations = new Explanations();
  return perAccount(account => connect(config, ports, account, explanations));
}

function connect(
  config: StackConfig,
  ports: Ports,
  account: string | undefined,
  explanations: Explanations,
): TutumClient {
  try {
    return new TutumClient({ ...settingsOf(config, account), ...ports, retryBudget: new RetryBudget() });
  } catch (error) {
    if (!isTutumConfigError(error) || !error.missing) throw error;
    const message = inStack(withHint(error.message, account, error.missing), account);
    throw new ExpectedError(
      explanations.of(
        `${message} Refresh and destroy see a changed setting with --run-program, or after an up.`,
      ),
    );
  }
}

function withHint(
  message: string,
  account: string | undefined,
  missing: "endpoint" | "user" | "apikey",
): string {
  const hint = account === undefined ? HINTS[missing] : accountHint(account, missing);
  return `${message} In a stack: ${hint}.`;
}

/** In a stack the client's options are the stack's configuration. */
export function inStack(message: string, account: string | undefined): string {
  return message.replace(
    "the options user and apikey",
    account === undefined
      ? "stack config tutum:user and tutum:apikey"
      : `stack config tutum:accounts.${account}`,
  );
}

/** Why no request could be made: known without asking anybody, so already in a preview. */
export function settingsProblem(
  config: StackConfig,
  ports: Ports,
  account: string | undefined,
): string | undefined {
  try {
    const settings = { ...ports, ...settingsOf(config, account) };
    resolveEndpoint(settings);
    // That others can read the file is told when its key is used.
    resolveCredentials({ ...settings, warn: () => undefined });
    return undefined;
  } catch (error) {
    if (!isTutumConfigError(error)) return undefined;
    const message = inStack(
      error.missing ? withHint(error.message, account, error.missing) : error.message,
      account,
    );
    return `${message} A preview goes on without; \`pulumi up\` cannot.`;
  }
}

/** Nothing is known for certain of a name that is like no other: it may be in a file of the machine that runs \`up\`. */
export function nearestAccount(config: StackConfig, ports: Ports, name: string): string {
  const known = [...accountsOf(config).keys(), ...accountsInFile(ports.env)];
  const near = known.includes(name) ? undefined : nearest(name, known);
  return near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
}

/** Of a named account nothing falls back to the default one but the endpoint: a server has many accounts. */
function settingsOf(config: StackConfig, account: string | undefined): TutumClientOptions {
  const [endpoint, user, apikey] = ["tutum:endpoint", "tutum:user", "tutum:apikey"].map(config);
  if (account === undefined) return { endpoint, user, apikey };
  return { endpoint, ...accountsOf(config).get(account), account };
}

const SETTINGS = ["endpoint", "user", "apikey"];

/** Stack config `tutum:accounts`: `{ staging: { endpoint, user, apikey } }`, each part optional. */
function accountsOf(config: StackConfig): ReadonlyMap<string, Account> {
  const text = config("tutum:accounts");
  const accounts = text === undefined ? new Map<string, Account>() : accountsIn(text, SETTINGS);
  if (accounts) return accounts;
  // Not the value itself: it holds keys.
  throw new ExpectedError(
    "Stack config tutum:accounts must be an object of accounts with endpoint, user and apikey, as " +
      "`pulumi config set --path 'tutum:accounts.staging.user' NAME` makes it.",
  );
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

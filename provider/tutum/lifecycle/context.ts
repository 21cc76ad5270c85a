import { type Clock, systemClock } from "../../http/clock";
import { ExpectedError } from "../../resource/lifecycle/failure";
import type { OnEnd, Operation, StackConfig } from "../../resource/lifecycle/lifecycle";
import { Ownership } from "../../resource/lifecycle/ownership";
import type { Values } from "../../resource/table/field";
import { withoutSecrets } from "../../resource/table/secrets";
import { isOn } from "../../settings/switch";
import { accountClients, type ClientOf, nearestAccount, type Ports, settingsProblem } from "../accounts";
import type { TutumClient } from "../client";
import { intentFiles } from "./intent-files";
import { type IntentLog, Intents } from "./intents";

/** What one operation needs of the world. */
export interface ApplicationContext extends Operation {
  /** Throws `TutumConfigError` when endpoint or credentials are missing: only what asks the server needs them. */
  readonly client: TutumClient;
  /** The client of another account. */
  readonly clientOf: ClientOf;
  /** The stack's identity, from its configuration (`tutum:owner`). */
  readonly identity: string | undefined;
  /** Whether every application must name its account. Throws when the setting is neither true nor false. */
  readonly accountRequired: boolean;
  /** `; did you mean "staging"?` when no account has the name and one has nearly it; "" when nothing is wrong for certain. */
  nearestAccount(account: string): string;
  /** Why no request can be made, for lack of an endpoint or credentials; undefined when both are there. */
  readonly settingsProblem: string | undefined;
  /** Which resource of this run has which application. */
  readonly ownership: Ownership;
  /** Resources in the state, by the hash of their URN, as far as the engine has shown. */
  readonly resources: Set<unknown>;
  /** Names that renamed resources keep, by the hash of their URN. */
  readonly names: Map<unknown, string>;
  /** Creations that this machine remembers. */
  readonly intents: Intents;
  readonly clock: Clock;
}

/** What a session reaches the world by; the real one unless a test says otherwise. */
export type SessionPorts = Ports & { intents?: IntentLog };

/** One session for a provider process: its operations share clients, and what is known of applications. */
export function openSession(
  config: StackConfig,
  ports: SessionPorts = {},
  onEnd: OnEnd = () => undefined,
): (operation: Operation, values: Values) => ApplicationContext {
  const clientOf = accountClients(config, ports);
  const ownership = new Ownership();
  const resources = new Set<unknown>();
  const names = new Map<unknown, string>();
  const intents = new Intents(ports.intents ?? intentFiles(ports.env));
  onEnd(inPeace => intents.end(inPeace));
  return (operation, values) => {
    const { account } = values;
    const hide = withoutSecrets(values);
    return {
      ...operation,
      report: message => operation.report(hide(message)),
      warn: message => operation.warn(hide(message)),
      announce: operation.announce && (message => operation.announce?.(message && hide(message))),
      get client() {
        return clientOf(typeof account === "string" ? account : undefined);
      },
      clientOf,
      identity: config("tutum:owner"),
      get accountRequired() {
        return required(config);
      },
      nearestAccount: name => nearestAccount(config, ports, name),
      get settingsProblem() {
        return settingsProblem(config, ports, typeof account === "string" ? account : undefined);
      },
      ownership,
      resources,
      names,
      intents,
      clock: ports.clock ?? systemClock,
    };
  };
}

function required(config: StackConfig): boolean {
  try {
    return isOn("Stack config tutum:accountRequired", config("tutum:accountRequired"));
  } catch (error) {
    throw new ExpectedError((error as Error).message);
  }
}

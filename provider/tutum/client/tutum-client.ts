import { Api } from "../../http/api";
import { type Clock, systemClock } from "../../http/clock";
import { HttpClient } from "../../http/http-client";
import type { HttpTransport } from "../../http/http-message";
import type { RetryBudget } from "../../http/retry";
import { USER_AGENT } from "../../version";
import { Applications } from "./applications";
import { Containers } from "./containers";
import { resolveCredentials } from "./credentials";
import { tutumDialect } from "./dialect";
import { resolveEndpoint } from "./endpoint";
import { isSettled, SettlingPoller, UnexpectedStateError, type WaitOptions } from "./settling";
import type { Application, ApplicationState } from "./types";

/** All optional: what is not given is looked up in the environment and `~/.tutum`. The object is not changed. */
export interface TutumClientOptions {
  /** Address of the API, with or without `/api/v1/`. Else `TUTUM_BASE_URL`, then `TUTUM_REST_HOST`. */
  endpoint?: string;
  /** Else from `TUTUM_AUTH`, then `~/.tutum`, then `TUTUM_USER`. */
  user?: string;
  /** Else from `TUTUM_AUTH`, then `~/.tutum`, then `TUTUM_APIKEY`. */
  apikey?: string;
  /**
   * Section of `~/.tutum` to use instead of `[auth]`. Credentials of the environment are of the default account, so
   * they are then left out.
   */
  account?: string;
  /** Allow plain http to another machine. Default: only with `TUTUM_ALLOW_INSECURE=1`. */
  allowInsecure?: boolean;
  /** Total time of one call in milliseconds, retries included. Default: 60,000. */
  timeout?: number;
  /** What may be spent on retries. Default: one budget for the whole process. */
  retryBudget?: RetryBudget;
  /** Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** For tests: the time that deadlines, waits and pauses go by. Default: the system's. */
  clock?: Clock;
  /** For tests: numbers from 0 up to 1, which spread retries. Default: `Math.random`. */
  random?: () => number;
  /** For tests: what carries each request and its answer. Default: HTTP by axios. */
  transport?: HttpTransport;
}

/**
 * The Tutum API v1.
 *
 * @example
 * const tutum = new TutumClient();
 * for await (const application of tutum.applications.list({ state: "Running" })) console.log(application.name);
 *
 * @throws {TutumConfigError} when no endpoint or no credentials are found.
 */
export class TutumClient {
  readonly applications: Applications;
  readonly containers: Containers;
  readonly #poller: SettlingPoller;
  /** The API's base URL, ending in `/api/v1/`. */
  readonly endpoint: string;
  /** A hash of the user's name. */
  readonly userHash: string;
  /** What its deadlines and waits go by. */
  readonly clock: Clock;

  constructor(options: TutumClientOptions = {}) {
    this.endpoint = resolveEndpoint(options);
    const credentials = resolveCredentials(options);
    this.userHash = credentials.userHash;
    this.clock = options.clock ?? systemClock;
    const http = new HttpClient({
      baseUrl: this.endpoint,
      headers: { Authorization: credentials.authorization, "User-Agent": USER_AGENT },
      timeout: options.timeout,
      retryBudget: options.retryBudget,
      clock: this.clock,
      random: options.random,
      transport: options.transport,
    });
    const api = new Api(http, tutumDialect(this.endpoint, credentials));
    this.applications = new Applications(api);
    this.containers = new Containers(api);
    this.#poller = new SettlingPoller(this.applications, this.clock);
  }

  /**
   * Waits until the application rests in a state that only someone's action changes. Undefined: it is gone (404). The
   * server is asked at least once, whatever state the application had when it was last seen.
   * However many applications are waited for, they are asked for together.
   * @throws {WaitTimeoutError} at the deadline, with the application as last seen.
   */
  settled(application: Application, options: WaitOptions = {}): Promise<Application | undefined> {
    return this.#poller.wait(application, options);
  }

  /**
   * Waits until the application is in one of the states. States that are not known are waited on. The server is asked
   * at least once, whatever state the application had when it was last seen.
   * @throws {UnexpectedStateError} as soon as it rests in any other state, with the application as last seen.
   * @throws {WaitTimeoutError} at the deadline, with the application as last seen.
   */
  async waitFor(
    application: Application,
    states: readonly (ApplicationState | (string & {}))[],
    options: WaitOptions = {},
  ): Promise<Application> {
    const isThere = ({ state }: Application) => states.includes(state);
    const isDone = (seen: Application) => isThere(seen) || isSettled(seen);
    const seen = (await this.#poller.wait(application, options, isDone)) ?? {
      ...application,
      state: "Terminated" as const,
    };
    if (isThere(seen)) return seen;
    throw new UnexpectedStateError(seen, states);
  }
}

/** The Tutum API as the host serves it: its parts put together. */
import type { Api } from "../../host/api";
import type { Clock } from "../../host/ports/clock";
import type { Logger } from "../../host/ports/logger";
import type { Random } from "../../host/ports/random";
import type { Storage } from "../../host/storage/storage";
import { type Accounts, authenticatorOf, callerOf } from "./accounts";
import { addStateMetrics } from "./metrics";
import type { Backend } from "./model/backend";
import type { Naming } from "./model/names";
import { DEFAULT_LIMITS, type Limits } from "./model/settings";
import type { Kept, World } from "./model/world";
import { documentApi } from "./openapi/document";
import { Engine } from "./operations/engine";
import { resetEverything } from "./operations/reset";
import { redactionFor } from "./redaction";
import { accountRoutes } from "./routes/account";
import { applicationRoutes } from "./routes/applications";
import { containerRoutes } from "./routes/containers";
import { imageRoutes } from "./routes/images";
import { worldRoutes } from "./world-routes";

export interface TutumParts {
  accounts: Accounts;
  /** Of names and addresses that containers and clients see. */
  naming: Pick<Naming, "apiUrl" | "dnsDomain">;
  limits?: Partial<Limits>;
  world: World;
  storage: Storage<Kept>;
  backend: Backend;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** False: no description of the API and no page that shows it. */
  documents?: boolean;
}

/** How many there are in each state. */
export interface TutumState {
  applications: Record<string, number>;
  containers: Record<string, number>;
}

export interface TutumApi extends Api {
  readonly engine: Engine;
  state(): TutumState;
}

/** What Tutum sent with every response. */
const HEADERS = { "Cache-Control": "must-revalidate, max-age=0", Vary: "Accept, Authorization, Cookie" };
/** Without a body. */
const SILENT = [401, 404];

export function createTutumApi(parts: TutumParts): TutumApi {
  const { accounts, world, storage, backend, clock, random, logger, documents = true } = parts;
  const { user, apikey } = accounts;
  const settings = {
    naming: { user, region: "dev", ...parts.naming },
    credentials: { authorization: `ApiKey ${user}:${apikey}` },
    limits: { ...DEFAULT_LIMITS, ...parts.limits },
    places: backend,
  };
  const engine = new Engine({ world, settings, backend, storage, clock, random, logger });
  return {
    name: "tutum",
    ...(backend.simulated ? {} : { real: "real containers" }),
    engine,
    owns: path => path.startsWith("/api/"),
    authenticate: authenticatorOf(accounts),
    callerOf: request => callerOf(request, user),
    errorBody: (status, message) => (SILENT.includes(status) ? undefined : { error: message }),
    redaction: redactionFor(user),
    headers: () => HEADERS,
    parseQuery,
    ...(documents ? { document: documentApi } : {}),
    routes(app) {
      applicationRoutes(app, engine);
      containerRoutes(app, engine);
      imageRoutes(app, engine);
      accountRoutes(app, accounts);
    },
    controlRoutes: control => worldRoutes(control, engine),
    addMetrics: registry => addStateMetrics(registry, engine),
    state: () =>
      engine.read(({ applicationStates, containerStates }) => ({
        applications: applicationStates.counts(),
        containers: containerStates.counts(),
      })),
    async health() {
      const { ok, message, unknown } = await backend.health();
      return { ok, details: { backend: message, ...(unknown ? { unknown } : {}) } };
    },
    storage,
    resume: () => engine.resume(),
    idle: () => engine.idle(),
    reset: () => resetEverything(engine),
  };
}

/** Of a repeated parameter the last one counts, as in Django. Must not throw: nobody would answer the request. */
function parseQuery(text: string): Record<string, string> {
  const parameters = [...new URLSearchParams(text)].filter(([name]) => name !== "__proto__");
  return Object.fromEntries(parameters);
}

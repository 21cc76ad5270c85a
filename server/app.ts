/** The HTTP side, without listening: routes, credentials, error answers, limits, headers, graceful end. */
import Fastify, { type FastifyInstance } from "fastify";
import { type Accounts, requireCredentials } from "./apis/tutum/authentication";
import { createMetrics } from "./apis/tutum/metrics";
import { documentApi } from "./apis/tutum/openapi/document";
import type { Engine } from "./apis/tutum/operations/engine";
import { accountRoutes } from "./apis/tutum/routes/account";
import { applicationRoutes } from "./apis/tutum/routes/applications";
import { containerRoutes } from "./apis/tutum/routes/containers";
import { imageRoutes } from "./apis/tutum/routes/images";
import { type ControlParts, controlRoutes } from "./host/control/control";
import { applyFaults } from "./host/control/fault-hooks";
import type { Faults } from "./host/control/faults";
import { type ConnectionLimits, Connections, DEFAULT_CONNECTIONS } from "./host/http/connections";
import { answerErrors, answerUnreadable, sendError } from "./host/http/error-answers";
import { acceptJsonBodies } from "./host/http/json-body";
import { createOriginGuard } from "./host/http/origin-guard";
import { createPeers } from "./host/http/peers";
import type { Journal } from "./host/http/recorded-requests";
import { logRequests } from "./host/http/request-log";
import { trustedProxies } from "./host/http/trusted-proxies";
import type { Clock } from "./host/ports/clock";
import type { Logger } from "./host/ports/logger";

export interface AppOptions extends Accounts {
  engine: Engine;
  journal: Journal;
  logger: Logger;
  host: string;
  /** Other names it is reached under. */
  names: readonly string[];
  /** Proxies whose word on clients and names is taken. */
  trustProxy: readonly string[];
  connections?: Partial<ConnectionLimits>;
  clock: Clock;
  faults: Faults;
  /** Absent: there is no control API. */
  control?: Pick<ControlParts, "token" | "complete" | "leases" | "lock" | "stop">;
}

const BODY_LIMIT = 1024 * 1024;
/** How long requests in flight may take when the server ends. */
const DRAIN_MS = 4_000;

export interface App {
  fastify: FastifyInstance;
  /** Refuses new connections, lets requests in flight finish, then ends. */
  close(): Promise<void>;
}

export function createApp(options: AppOptions): App {
  const { engine, journal, logger } = options;
  // Node checks time-outs every 30 s by default, and swaps them when requestTimeout is the smaller one.
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 15_000,
    keepAliveTimeout: 5_000,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, strict: false } },
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, querystringParser: parseQuery },
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, logger),
    clientErrorHandler: answerUnreadable,
  });
  // All of them are looked at: what comes after the thousandth must not be another Host.
  app.server.maxHeadersCount = 0;
  const trusted = trustedProxies(options.trustProxy);
  const peers = createPeers(trusted);
  const connections = new Connections({ ...DEFAULT_CONNECTIONS, ...options.connections }, trusted);
  const guard = createOriginGuard(options.host, options.names, peers);
  let closing = false;

  connections.attach(app);
  journal.attach(app, options.user);
  app.addHook("onRequest", async request => guard(request));
  requireCredentials(app, options, { peers, connections });
  applyFaults(app, options);
  app.addHook("onSend", async (_request, reply, payload) => {
    reply.header("Cache-Control", "must-revalidate, max-age=0");
    reply.header("Vary", "Accept, Authorization, Cookie");
    // Exactly this: fastify would add a charset.
    const type = String(reply.getHeader("Content-Type") ?? "application/json");
    if (payload && type.startsWith("application/json")) reply.header("Content-Type", "application/json");
    if (closing) reply.header("Connection", "close");
    return payload;
  });
  logRequests(app, logger, options.user, peers);
  acceptJsonBodies(app);
  answerErrors(app, logger);
  app.setSerializerCompiler(() => body => JSON.stringify(body));
  documentApi(app);
  app.register(async api => {
    // The operations check what comes in, and answer in Tutum's words.
    api.setValidatorCompiler(() => () => true);
    applicationRoutes(api, engine);
    containerRoutes(api, engine);
    imageRoutes(api, engine);
    accountRoutes(api, options);
  });
  if (options.control) {
    const metrics = options.control.complete ? createMetrics(app, engine) : undefined;
    controlRoutes(app, { ...options, ...options.control, peers, connections, metrics });
  }

  return {
    fastify: app,
    async close() {
      closing = true;
      options.faults.clear();
      const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await app.close();
      clearTimeout(cut);
    },
  };
}

/** Of a repeated parameter the last one counts, as in Django. Must not throw: nobody would answer the request. */
function parseQuery(text: string): Record<string, string> {
  const parameters = [...new URLSearchParams(text)].filter(([name]) => name !== "__proto__");
  return Object.fromEntries(parameters);
}

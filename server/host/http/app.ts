/** An API over HTTP, without listening: credentials, error responses, limits, headers, graceful end. */
import Fastify, { type FastifyInstance } from "fastify";
import type { Api } from "../api";
import { applyFaults } from "../control/fault-hooks";
import type { Faults } from "../control/faults";
import type { Clock } from "../ports/clock";
import { type Logger, withFields } from "../ports/logger";
import { requireCredentials } from "./authentication";
import { type ConnectionLimits, Connections, DEFAULT_CONNECTIONS } from "./connections";
import { answerErrors, answerUnreadable, sendError } from "./error-answers";
import { acceptJsonBodies } from "./json-body";
import { createOriginGuard } from "./origin-guard";
import { createPeers, type Peers } from "./peers";
import type { Reach } from "./reach";
import type { RequestRecorder } from "./recorded-requests";
import { logRequests } from "./request-log";
import { verifySignatures } from "./signatures";
import { trustedProxies } from "./trusted-proxies";

export interface AppOptions extends Reach {
  /** Log lines say which API they are about. */
  named: boolean;
  connections?: Partial<ConnectionLimits>;
  recorder: RequestRecorder;
  faults: Faults;
  clock: Clock;
  logger: Logger;
  /** Adds what else this listener has. */
  besides?(app: FastifyInstance, parts: { peers: Peers; connections: Connections }): void;
}

const BODY_LIMIT = 1024 * 1024;
/** How long requests in flight may take when the server ends. */
const DRAIN_MS = 4_000;

export interface App {
  fastify: FastifyInstance;
  /** Refuses new connections, lets requests in flight finish, then ends. */
  close(): Promise<void>;
}

export function createApp(api: Api, options: AppOptions): App {
  const { recorder, faults, clock } = options;
  const logger = options.named ? withFields(options.logger, { api: api.name }) : options.logger;
  // Node checks time-outs every 30 s by default, and swaps them when requestTimeout is the smaller one.
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 15_000,
    keepAliveTimeout: 5_000,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, strict: false } },
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, querystringParser: text => api.parseQuery(text) },
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, { api, logger }),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, api),
  });
  // All of them are looked at: what comes after the thousandth must not be another Host.
  app.server.maxHeadersCount = 0;
  const trusted = trustedProxies(options.trustProxy);
  const peers = createPeers(trusted);
  const connections = new Connections({ ...DEFAULT_CONNECTIONS, ...options.connections }, trusted);
  const guard = createOriginGuard(options.host, options.names, peers);
  let closing = false;

  connections.attach(app);
  verifySignatures(app, api, { connections, bodyLimit: BODY_LIMIT });
  recorder.attach(app, api);
  app.addHook("onRequest", async request => guard(request));
  requireCredentials(app, api, { peers, connections });
  applyFaults(app, api, { faults, recorder, clock, logger });
  app.addHook("onSend", async (_request, reply, payload) => {
    reply.headers(api.headers());
    // Exactly this: fastify would add a charset.
    const type = String(reply.getHeader("Content-Type") ?? "application/json");
    if (payload && type.startsWith("application/json")) reply.header("Content-Type", "application/json");
    if (closing) reply.header("Connection", "close");
    return payload;
  });
  logRequests(app, logger, api, peers);
  acceptJsonBodies(app);
  answerErrors(app, { api, logger });
  app.setSerializerCompiler(() => body => JSON.stringify(body));
  api.document?.(app);
  app.register(async routes => {
    // The operations check what comes in, and answer in the API's words.
    routes.setValidatorCompiler(() => () => true);
    api.routes(routes);
  });
  options.besides?.(app, { peers, connections });

  return {
    fastify: app,
    async close() {
      closing = true;
      faults.clear();
      const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await app.close();
      clearTimeout(cut);
    },
  };
}

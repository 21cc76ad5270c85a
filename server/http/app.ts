/** The HTTP side, without listening: routes, credentials, error answers, limits, headers, graceful end. */
import Fastify, { type FastifyInstance } from "fastify";
import { ApiError } from "../errors";
import type { Engine } from "../operations/engine";
import type { Logger } from "../ports/logger";
import { applicationRoutes } from "../routes/applications";
import { containerRoutes } from "../routes/containers";
import { type ControlOptions, controlRoutes } from "../routes/control";
import { createAuthenticator } from "./credentials";
import { answerErrors, answerUnreadable, sendError } from "./error-answers";
import type { Journal } from "./journal";
import { acceptJsonBodies } from "./json-body";
import { createOriginGuard } from "./origin-guard";

export interface AppOptions {
  engine: Engine;
  journal: Journal;
  logger: Logger;
  host: string;
  user: string;
  apikey: string;
  /** Absent: there is no control API. */
  control?: ControlOptions;
}

const BODY_LIMIT = 1024 * 1024;
const MAX_CONNECTIONS = 5_000;
/** How long requests in flight may take when the server ends. */
const DRAIN_MS = 5_000;

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
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, querystringParser: parseQuery },
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, logger),
    clientErrorHandler: answerUnreadable,
  });
  app.server.maxConnections = MAX_CONNECTIONS;

  const authenticate = createAuthenticator(options.user, options.apikey);
  const guard = createOriginGuard(options.host);
  let closing = false;

  journal.attach(app);
  app.addHook("onRequest", async (request, reply) => {
    guard(request);
    if (request.url.startsWith("/api/") && !authenticate(request)) return reply.code(401).send();
  });
  app.addHook("onSend", async (_request, reply, payload) => {
    reply.header("Cache-Control", "must-revalidate, max-age=0");
    reply.header("Vary", "Accept, Authorization, Cookie");
    // Exactly this: fastify would add a charset.
    if (payload) reply.header("Content-Type", "application/json");
    if (closing) reply.header("Connection", "close");
    return payload;
  });
  app.addHook("onResponse", async (request, reply) => {
    const path = request.url.split("?")[0];
    logger.info(
      { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      "request",
    );
  });
  acceptJsonBodies(app);
  answerErrors(app, logger);
  applicationRoutes(app, engine);
  containerRoutes(app, engine);
  if (options.control) controlRoutes(app, engine, options.control);

  return {
    fastify: app,
    async close() {
      closing = true;
      const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await app.close();
      clearTimeout(cut);
    },
  };
}

/** Of a repeated parameter the last one counts, as in Django. */
function parseQuery(text: string): Record<string, string> {
  const query = Object.fromEntries(new URLSearchParams(text));
  if (Object.hasOwn(query, "__proto__")) throw new ApiError(400, { error: "The query is not acceptable." });
  return query;
}

/**
 * The server's own control API under `/_tutum/`: for the commands, and for tests of Tutum clients. It is there only
 * for programs of this machine that have its token, which is no Tutum API key; no GET changes anything.
 */
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { ApiError } from "../errors";
import { hasToken } from "../http/credentials";
import type { Journal } from "../http/journal";
import { createOriginGuard } from "../http/origin-guard";
import type { Engine } from "../operations/engine";
import type { Clock } from "../ports/clock";
import { faultRoutes } from "./fault-routes";
import type { Faults } from "./faults";
import { journalRoutes } from "./journal-routes";
import { leaseRoutes } from "./lease-routes";
import type { Leases } from "./leases";
import { serverRoutes } from "./server-routes";
import { worldRoutes } from "./world-routes";

export interface ControlParts {
  token: string;
  /** False: only what the commands need (state, leases, reset). */
  complete: boolean;
  leases: Leases;
  faults: Faults;
  engine: Engine;
  journal: Journal;
  clock: Clock;
  metrics?: Registry;
}

export const CONTROL = "/_tutum/";

export function controlRoutes(app: FastifyInstance, parts: ControlParts): void {
  const fromThisMachine = createOriginGuard("127.0.0.1");
  app.register(async control => {
    control.addHook("onRequest", async (request, reply) => {
      if (!isLoopback(request.socket.remoteAddress)) return reply.code(404).send();
      fromThisMachine(request);
      if (!hasToken(request, parts.token)) return reply.code(401).send();
      // What a page in a browser can send without being asked never has this type.
      if (request.method === "POST" && !isJson(request.headers["content-type"])) {
        throw new ApiError(415, { error: "The Content-Type must be application/json." });
      }
    });
    leaseRoutes(control, parts);
    serverRoutes(control, parts);
    if (!parts.complete) return;
    worldRoutes(control, parts);
    journalRoutes(control, parts);
    faultRoutes(control, parts);
  });
}

function isLoopback(address = ""): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

function isJson(type = ""): boolean {
  return /^application\/json\s*(;|$)/i.test(type);
}

/**
 * The server's own control API under `/_tutum/`: for the commands, and for tests of Tutum clients. It is there only
 * for programs of this machine that have its token, which is no Tutum API key; no GET changes anything. Whatever comes
 * by a proxy finds nothing there.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "../errors";
import { hasToken } from "../http/bearer-token";
import type { Connections } from "../http/connections";
import { FailureLimit } from "../http/failure-limit";
import { hostName, isLoopbackName } from "../http/host-names";
import { createOriginGuard } from "../http/origin-guard";
import type { Peers } from "../http/peers";
import { plainAddress } from "../http/trusted-proxies";

export interface ControlGuard {
  token: string;
  /** Whoever names another one means the server of another folder. Absent: there is no folder. */
  lock?: string;
  peers: Peers;
  connections: Connections;
}

export const CONTROL = "/_tutum/";
/** The commands say which lock they have read in their folder: a copy of it says where another server answers. */
export const LOCK_HEADER = "tutum-server-lock";

/** What `add` adds is for those only who may control the server. */
export function guardControl(
  app: FastifyInstance,
  { token, lock: own, peers, connections }: ControlGuard,
  add: (control: FastifyInstance) => void,
): void {
  const fromThisMachine = createOriginGuard("127.0.0.1", [], peers);
  const guesses = new FailureLimit();
  app.register(async control => {
    control.addHook("onRequest", async (request, reply) => {
      if (!isHere(request, peers)) return reply.code(404).send();
      fromThisMachine(request);
      if (!hasToken(request, token)) {
        // From there everybody comes, the commands too: without the token, there is nothing here.
        if (peers.isFromProxy(request)) return reply.code(404).send();
        const address = peers.clientOf(request);
        if (guesses.isExceeded(address)) return reply.code(429).header("Retry-After", "1").send();
        guesses.add(address);
        return reply.code(401).send();
      }
      connections.welcome(request);
      const lock = request.headers[LOCK_HEADER];
      if (lock !== undefined && lock !== own) return reply.code(421).send();
      // What a page in a browser can send without being asked never has this type.
      if (request.method === "POST" && !isJson(request.headers["content-type"])) {
        throw new ApiError(415, { error: "The Content-Type must be application/json." });
      }
    });
    add(control);
  });
}

/** From a program of this machine, by a name of the loopback, with no proxy between: for all others there is nothing. */
function isHere(request: FastifyRequest, peers: Peers): boolean {
  const address = plainAddress(request.socket.remoteAddress ?? "");
  const name = hostName(request.headers.host);
  const isLocal = address === "::1" || address.startsWith("127.");
  return isLocal && name !== undefined && isLoopbackName(name) && !peers.isForwarded(request);
}

function isJson(type = ""): boolean {
  return /^application\/json\s*(;|$)/i.test(type);
}

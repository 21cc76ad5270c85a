/**
 * One request to one container, on a connection of its own. Node's client does the work on the wire: it has one object
 * for each request and one error event for whatever goes wrong, so that nothing is left that could throw elsewhere.
 */
import { type ClientRequest, type IncomingMessage, request as openRequest } from "node:http";
import { connect, type Socket } from "node:net";
import type { Readable } from "node:stream";
import type { ProxyLimits } from "./limits";
import { pump } from "./pump";
import type { Address } from "./routes";

export interface Asked {
  method: string;
  path: string;
  /** In pairs. */
  headers: string[];
  body: Readable | undefined;
}

export type Reply =
  | { kind: "response"; response: IncomingMessage }
  /** It speaks another protocol from now on; `first` came with the response's head. */
  | { kind: "switched"; response: IncomingMessage; socket: Socket; first: Buffer }
  /** It took the connection, and gave it up before the first byte. */
  | { kind: "closed"; error: unknown }
  /** What came is no response. */
  | { kind: "broken"; error: unknown }
  /** Nothing came for too long. */
  | { kind: "slow" }
  /** The body did not come. */
  | { kind: "client is slow" }
  /** The client is gone, or another container is asked instead. */
  | { kind: "given up" };

export interface Asking {
  reply: Promise<Reply>;
  /** Ends it, also when its response is under way. */
  giveUp(): void;
}

/** Undefined when it does not take the connection in time. */
export function open({ host, port }: Address, connectMs: number): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host, port, noDelay: true, timeout: connectMs });
    const failed = () => {
      socket.destroy();
      resolve(undefined);
    };
    // It stays: no error of a socket is ever nobody's.
    socket.on("error", failed).once("timeout", failed);
    socket.once("connect", () => {
      socket.off("timeout", failed).setTimeout(0);
      resolve(socket);
    });
  });
}

/** Throws when node finds that this cannot be sent. */
export function ask(socket: Socket, asked: Asked, limits: ProxyLimits): Asking {
  const { method, path, headers, body } = asked;
  let settle: (reply: Reply) => void = () => {};
  const reply = new Promise<Reply>(resolve => {
    settle = resolve;
  });
  const request: ClientRequest = openRequest({ createConnection: () => socket, method, path, headers });
  // All headers are passed on; their bytes are bounded by node.
  request.maxHeadersCount = 0;
  const silence = setTimeout(() => fail({ kind: "slow" }), limits.silenceMs);
  let stopBody = () => {};
  let isAnswered = false;
  const answer = (found: Reply) => {
    isAnswered = true;
    clearTimeout(silence);
    settle(found);
  };
  const giveUp = () => {
    answer({ kind: "given up" });
    stopBody();
    request.destroy();
    socket.destroy();
  };
  // What goes wrong after the head of a response is told by the response; destroying would drop what was read of it.
  const fail = (found: Reply) => {
    stopBody();
    if (isAnswered) return;
    answer(found);
    giveUp();
  };
  const lost = (error: unknown) => fail({ kind: socket.bytesRead === 0 ? "closed" : "broken", error });
  request.on("error", lost).on("close", () => lost("closed"));
  request.on("response", response => {
    response.on("error", () => {});
    answer({ kind: "response", response });
  });
  request.on("upgrade", (response, _, first) => answer({ kind: "switched", response, socket, first }));
  if (body) {
    request.flushHeaders();
    stopBody = pump(body, request, {
      sourceMs: limits.clientMs,
      sourceStalls: () => fail({ kind: "client is slow" }),
      sinkMs: limits.silenceMs,
      sinkStalls: () => fail({ kind: "slow" }),
      end: () => request.end(),
      progress: () => {
        // A timer that is over would begin anew.
        if (!isAnswered) silence.refresh();
      },
    });
  } else request.end();
  return { reply, giveUp };
}

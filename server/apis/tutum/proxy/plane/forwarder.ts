/** What becomes of a request: refused, passed on to a container that answers, or told why there is none. */
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TrustedProxies } from "../../../../host/http/trusted-proxies";
import type { Logger } from "../../../../host/ports/logger";
import type { ProxyLimits } from "./limits";
import {
  answerWith,
  brokenAnswer,
  noAnswer,
  nothingRuns,
  type Page,
  slowClient,
  tooSlow,
  unknownHost,
} from "./pages";
import { passOn } from "./pass-on";
import { readAhead } from "./read-ahead";
import { hasBody, hostNameOf, refuse, refuseUpgrade, requestHeaders } from "./request-headers";
import { responseHead } from "./response-headers";
import type { Found, Seeker } from "./seek";
import type { Table } from "./table";
import { tunnel } from "./tunnel";

export interface ForwarderParts {
  table: Table;
  seeker: Seeker;
  limits: ProxyLimits;
  logger: Logger;
  trusted(): TrustedProxies;
}

export class Forwarder {
  constructor(private readonly parts: ForwarderParts) {}

  async web(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { limits } = this.parts;
    limitEnding(request, response, limits);
    const expects = request.headers.expect !== undefined;
    const found = await this.find(request, response, [], () => {
      if (expects) response.writeContinue();
    });
    if (!found) return;
    if (found.kind === "response" && passOn(found.response, response, limits)) return;
    this.refuse(found, request, response);
  }

  /** `first` came after the request. */
  async upgrade(request: IncomingMessage, socket: Socket, first: Buffer): Promise<void> {
    const { limits } = this.parts;
    const response = responseOn(request, socket);
    limitEnding(request, response, limits);
    const refusal = refuseUpgrade(request);
    if (refusal) return answerWith(refusal, response);
    const early = readAhead(socket, first);
    const found = await this.find(
      request,
      response,
      ["Connection", "Upgrade", "Upgrade", "websocket"],
      () => {},
    );
    if (!found) return;
    if (found.kind === "response" && passOn(found.response, response, limits)) return;
    const head = found.kind === "switched" && isWebSocket(found.response) && responseHead(found.response);
    if (found.kind !== "switched" || !head) return this.refuse(found, request, response);

    response.detachSocket(socket);
    const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"];
    for (let at = 0; at < head.headers.length; at += 2)
      lines.push(`${head.headers[at]}: ${head.headers[at + 1]}`);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    if (found.first.length > 0) socket.write(found.first);
    found.socket.write(early());
    tunnel(socket, found.socket, limits);
  }

  /** Undefined when the client has its answer, or is gone. */
  private async find(
    request: IncomingMessage,
    response: ServerResponse,
    extra: string[],
    begin: () => void,
  ): Promise<Found | undefined> {
    const { table, seeker, limits } = this.parts;
    const host = hostNameOf(request);
    const refusal = refuse(request, limits.headers);
    const targets = refusal ? undefined : table.targets(host);
    if (refusal || targets === undefined || targets.length === 0) {
      answerWith(refusal ?? (targets ? nothingRuns(host) : unknownHost(host)), response);
      return undefined;
    }
    const asked = {
      method: request.method ?? "GET",
      path: request.url ?? "/",
      headers: [
        ...(extra.length > 0 ? extra : ["Connection", "close"]),
        ...requestHeaders(request, this.parts.trusted()),
      ],
      body: extra.length === 0 && hasBody(request) ? request : undefined,
    };
    const seeking = seeker.seek(targets, asked, begin);
    // A response that was taken off its connection, for a WebSocket, does not close.
    response.on("close", () => seeking.giveUp());
    const found = await seeking.found;
    if (!response.destroyed) return found;
    seeking.giveUp();
    return undefined;
  }

  private refuse(found: Found, request: IncomingMessage, response: ServerResponse): void {
    const host = hostNameOf(request);
    const { logger, limits } = this.parts;
    if (found.kind === "closed" || found.kind === "broken")
      logger.info({ host, error: String(found.error) }, "a container broke off or did not speak HTTP");
    answerWith(pageFor(found, host, limits), response);
  }
}

function pageFor(found: Found, host: string, limits: ProxyLimits): Page {
  if (found.kind === "nobody") return noAnswer(host);
  if (found.kind === "slow") return tooSlow(host, limits.silenceMs / 1000);
  if (found.kind === "client is slow") return slowClient;
  return brokenAnswer(host);
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

/** A client that does not take its response, or goes on sending what nobody reads, is not waited for without end. */
function limitEnding(request: IncomingMessage, response: ServerResponse, limits: ProxyLimits): void {
  const { socket } = request;
  let timer: NodeJS.Timeout | undefined;
  const over = () => {
    clearTimeout(timer);
    socket.off("close", over);
  };
  const within = (ms: number) => {
    over();
    if (socket.destroyed) return;
    timer = setTimeout(() => socket.destroy(), ms);
    socket.once("close", over);
  };
  response.on("prefinish", () => within(limits.clientMs));
  response.on("finish", () => {
    over();
    if (request.complete) return;
    within(limits.headMs);
    request.on("end", over).resume();
  });
}

/** For a request whose connection node has given away: it ends with the response. */
function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.on("drain", () => response.emit("drain"));
  response.on("finish", () => socket.destroySoon());
  return response;
}

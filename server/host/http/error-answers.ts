/** Every error in the API's shape, also the framework's own and those of requests that are not HTTP at all. */
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Api } from "../api";
import { ApiError, HostError } from "../errors";
import type { Logger } from "../ports/logger";
import { shownPath } from "./requests";

interface Parts {
  api: Pick<Api, "errorBody">;
  logger: Logger;
}

export function answerErrors(app: FastifyInstance, parts: Parts): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(parts.api.errorBody(404, "There is nothing here.")),
  );
  app.setErrorHandler((error: unknown, request, reply) => sendError(error, request, reply, parts));
}

export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { api, logger }: Parts,
): void {
  if (error instanceof ApiError) {
    reply.code(error.status).send(error.body);
    return;
  }
  if (error instanceof HostError) {
    reply.code(error.status).send(api.errorBody(error.status, error.message));
    return;
  }
  const status = statusOf(error);
  if (status >= 500) {
    const stack = error instanceof Error ? error.stack : String(error);
    logger.error({ method: request.method, path: shownPath(request), stack }, "a request failed");
  }
  const message = status >= 500 && status !== 503 && status !== 507 ? "Internal error" : messageOf(error);
  reply.code(status).send(api.errorBody(status, message));
}

/** For what Node cannot read as a request: there is no request object to answer through. */
export function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Socket,
  api: Pick<Api, "errorBody">,
): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = UNREADABLE[error.code ?? ""] ?? [400, "Bad Request"];
  const body = JSON.stringify(api.errorBody(status, reason)) ?? "";
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const UNREADABLE: Record<string, [number, string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout"],
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large"],
};

function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}

function messageOf(error: unknown): string {
  const own = OWN_WORDS[(error as { code?: string } | null)?.code ?? ""];
  return own ?? (error instanceof Error ? error.message : String(error));
}

/** Where the framework would repeat what was sent. */
const OWN_WORDS: Record<string, string> = {
  FST_ERR_BAD_URL: "The path cannot be decoded.",
  FST_ERR_MAX_PARAM_LENGTH: "A part of the path is longer than any uuid.",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "The request body must be application/json.",
};

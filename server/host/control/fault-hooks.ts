/** Applies fault rules to API requests, once they have been read and their credentials were right. */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Api } from "../api";
import type { RequestRecorder } from "../http/recorded-requests";
import { isOwn, pathOf, shownPath } from "../http/requests";
import type { Clock } from "../ports/clock";
import type { Logger } from "../ports/logger";
import type { FaultAnswer, FaultRule } from "./fault-rule";
import type { Faults } from "./faults";

interface Parts {
  faults: Faults;
  recorder: RequestRecorder;
  clock: Clock;
  logger: Logger;
}

const PAGE =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/** To be called before the hook that adds the headers of all answers: held ones get those of their time, too. */
export function applyFaults(
  app: FastifyInstance,
  api: Pick<Api, "name" | "owns">,
  { faults, recorder, clock, logger }: Parts,
): void {
  const taken = new WeakMap<FastifyRequest, { id: string; rule: FaultRule }>();

  app.addHook("preHandler", async (request, reply) => {
    const path = pathOf(request);
    const fault = isOwn(request, api) ? faults.take(request.method, path, api.name) : undefined;
    if (!fault) return;
    const { id, rule } = fault;
    taken.set(request, fault);
    recorder.noteFault(request, id);
    logger.info({ method: request.method, path: shownPath(request), fault: id }, "a fault rule is applied");
    if (rule.latency) await new Promise<void>(done => clock.setTimeout(done, rule.latency ?? 0));
    if (rule.hold === "before") await faults.hold(id);
    if (rule.drop === "before") {
      reply.hijack();
      reset(request);
    } else if (rule.answer && rule.answer.when !== "after") {
      return reply.send(answerWith(reply, rule.answer));
    }
  });

  app.addHook("onSend", async (request, reply, payload) => {
    const fault = taken.get(request);
    if (!fault) return payload;
    const { id, rule } = fault;
    if (rule.hold === "after") await faults.hold(id);
    if (rule.drop === "after") reset(request);
    if (rule.answer?.when === "after") return answerWith(reply, rule.answer);
    if (rule.cut !== undefined && typeof payload === "string") return cutOff(reply, payload, rule.cut);
    return payload;
  });
}

/** Sets status and headers; returns the body. */
function answerWith(reply: FastifyReply, { status, retryAfter, body, html }: FaultAnswer) {
  reply.code(status);
  if (retryAfter !== undefined) reply.header("Retry-After", String(retryAfter));
  if (html === undefined && body === undefined) {
    reply.removeHeader("Content-Type");
    return undefined;
  }
  reply.header("Content-Type", html === undefined ? "application/json" : "text/html");
  if (html !== undefined) return html === true ? PAGE : html;
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** Headers for the whole body, then only part of it, and the end of the connection. */
function cutOff(reply: FastifyReply, payload: string, bytes: number): Readable {
  const whole = Buffer.from(payload);
  reply.header("Content-Length", whole.length);
  return Readable.from(
    (async function* () {
      yield whole.subarray(0, bytes);
      // The part has to leave before the connection is destroyed.
      await new Promise(resolve => setImmediate(resolve));
      throw new Error("cut off by a fault rule");
    })(),
  );
}

function reset({ raw: { socket } }: FastifyRequest): void {
  socket.resetAndDestroy();
}

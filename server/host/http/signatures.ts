/** Lets only requests through whose signature is over the very bytes that came, for APIs that sign them. */
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { Api } from "../api";
import { HostError } from "../errors";
import type { Connections } from "./connections";
import { isOwn } from "./requests";

interface Parts {
  connections: Connections;
  bodyLimit: number;
}

/** To be called before all hooks that look at what was sent: they come after those of `onRequest`, refusals included. */
export function verifySignatures(
  app: FastifyInstance,
  api: Pick<Api, "owns" | "verify">,
  { connections, bodyLimit }: Parts,
): void {
  if (!api.verify) return;
  app.addHook("preParsing", async (request, _reply, payload) => {
    if (!isOwn(request, api)) return payload;
    const body = await read(payload, bodyLimit);
    api.verify?.(request, body);
    connections.welcome(request);
    return Readable.from(body.length > 0 ? [body] : []);
  });
}

async function read(payload: AsyncIterable<Buffer | string>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of payload) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length <= limit) chunks.push(bytes);
    }
  } catch {
    throw new HostError(400, "The request broke off.");
  }
  if (length > limit) throw new HostError(413, `The request body is longer than ${limit} bytes.`);
  return Buffer.concat(chunks);
}

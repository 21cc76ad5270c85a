/** Servers that are asked in-process, without a socket: thousands of requests a second. */
import type { FastifyInstance, InjectOptions } from "fastify";
import { exitContainer } from "../../server/apis/tutum/operations/containers";
import { createManualClock, type ManualClock } from "../../server/host/ports/manual-clock";
import { openServer } from "../../server/open-server";
import type { ServerOptions } from "../../server/options";

const KEY = "secret-key";

export interface InjectedAnswer {
  status: number;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered
  body: any;
}

export interface InjectedServer {
  app: FastifyInstance;
  call(method: string, url: string, body?: unknown): Promise<InjectedAnswer>;
  exitContainer(uuid: string, code: number): Promise<void>;
  close(): Promise<void>;
}

export async function startInjected(options: ServerOptions): Promise<InjectedServer> {
  const { server, close } = await openServer({ ...options, apikey: KEY });
  const app = server.app.fastify;
  return {
    app,
    async call(method, url, body) {
      const answer = await app.inject({
        method: method as InjectOptions["method"],
        url,
        headers: {
          host: "localhost",
          authorization: `ApiKey admin:${KEY}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        payload: body === undefined ? undefined : JSON.stringify(body),
      } as InjectOptions);
      const text = answer.body;
      return { status: answer.statusCode, text, body: text ? JSON.parse(text) : undefined };
    },
    exitContainer: async (uuid, code) => {
      await exitContainer(server.api.engine, uuid, code);
    },
    close,
  };
}

/** A clock that moves on only when the server in question has stored what it does. */
export function createSettlingClock(server: () => InjectedServer | undefined): ManualClock {
  return createManualClock(undefined, async () => {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise(resolve => setImmediate(resolve));
      // Answered when everything up to now is stored.
      await server()?.call("GET", "/api/v1/application/?limit=1");
    }
    await new Promise(resolve => setImmediate(resolve));
  });
}

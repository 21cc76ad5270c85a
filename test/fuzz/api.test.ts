/**
 * The API under what comes from outside: random requests, requests made of its own description, and bytes that are
 * hardly requests. Never a 5xx, never an uncaught error; what the description allows is taken, what not is refused.
 */
import fc from "fast-check";
import type { Logger } from "../../server/host/ports/logger";
import { type ServerOptions, startServer } from "../../server/index";
import { expectDocumented } from "../server/documented";
import { type InjectedServer, startInjected } from "../server/inject";
import type { Chance } from "../simulation/chance";
import { type Described, DescribedRequests } from "./described-request";
import { type RandomRequest, randomRequest, send } from "./random-request";
import { exchange } from "./raw-exchange";
import { fuzz } from "./seed";

/** So many are sent to one server, which then is looked at and replaced. */
const BATCH = 2_500;
/** Of one test; a page of it is Node's, Jest's and the generators' own. */
const MAX_GROWTH = 400 * 1024 * 1024;

/** What the server logs as an error of its own. */
const failures: object[] = [];
const logger: Logger = {
  info: () => {},
  warn: () => {},
  error: (fields: object, message?: string) => void failures.push({ ...fields, message }),
};
const QUICK: ServerOptions = {
  times: { start: 2, stop: 2, scale: 2, terminate: 2, exit: 2 },
  limits: { applications: 400 },
  logger,
};

let before = 0;
beforeEach(() => {
  failures.length = 0;
  before = process.memoryUsage().rss;
});
afterEach(() => {
  expect(failures).toEqual([]);
  expect(process.memoryUsage().rss - before).toBeLessThan(MAX_GROWTH);
});

interface Target {
  server: InjectedServer;
  /** Of applications and containers of every state. */
  uuids: Record<string, string[]>;
}

async function newTarget(): Promise<Target> {
  const server = await startInjected(QUICK);
  for (const image of ["tutum/hello-world", "tutum/exits:3", "tutum/start-fails", "tutum/lamp"]) {
    const body = { image, target_num_containers: 2, autorestart: "ALWAYS" };
    await server.call("POST", "/api/v1/application/", body);
  }
  return { server, uuids: await uuidsOf(server) };
}

async function uuidsOf(server: InjectedServer): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const root of ["application", "container"]) {
    const { body: page } = await server.call("GET", `/api/v1/${root}/?limit=100`);
    found[root] = page.objects.map(({ uuid }: { uuid: string }) => uuid);
  }
  return found;
}

/** Calls `one` for each of `count` requests, with a server that is replaced now and then. */
async function play(count: number, one: (target: Target) => Promise<void>): Promise<void> {
  let target = await newTarget();
  try {
    for (let sent = 1; sent <= count; sent++) {
      await one(target);
      if (sent % 500 === 0) target.uuids = await uuidsOf(target.server);
      if (sent % BATCH > 0) continue;
      await target.server.close();
      target = await newTarget();
    }
  } finally {
    await target.server.close();
  }
}

/** Each printed with what was sent, should it fail. */
async function told<T>(sent: unknown, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${(error as Error).message}\nfor ${JSON.stringify(sent)}`, { cause: error });
  }
}

fuzz(
  "random requests: none fails the server, every answer is JSON or empty",
  7_000,
  async ({ seed, count }) => {
    const requests = fc.sample(randomRequest, { seed, numRuns: count });
    const statuses: Record<number, number> = {};
    await play(count, async ({ server, uuids }) => {
      const one = requests.pop() as RandomRequest;
      await told(one, async () => {
        const { statusCode, body } = await send(server, uuids, one);
        statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
        if (statusCode >= 500) throw new Error(`${statusCode}: ${body}`);
        if (body !== "") JSON.parse(body);
      });
    });
    // A fuzzer that only meets closed doors proves little.
    for (const status of [200, 202, 400, 401, 404, 405])
      expect([status, (statuses[status] ?? 0) > count / 1_000]).toEqual([status, true]);
  },
);

/** What no description of one request's form can say: it depends on what there is, or on two places at once. */
const CIRCUMSTANCE =
  /^Cannot |^There are \d+ |is there twice|there is no application|needs an application that listens on port 80|\) is Terminat|link variables/;

fuzz(
  "what the description allows is taken, what it does not is refused, and answers are as it says",
  4_000,
  async ({ chance, seed, count }) => {
    const target = await newTarget();
    const document = (await target.server.call("GET", "/openapi.json")).body as Described;
    await target.server.close();
    const requests = new DescribedRequests(document, chance, seed);
    const sent = { allowed: 0, refused: 0 };
    await play(count, async ({ server, uuids }) => {
      const one = requests.next([...(uuids.application ?? []), ...(uuids.container ?? [])]);
      await told(one, async () => {
        const { method, path, body, headers, wrong } = one;
        const answer = await server.app.inject({
          method: method as "GET",
          url: path,
          headers: {
            host: "localhost",
            authorization: path.startsWith("/api/v1/auth/")
              ? `Basic ${Buffer.from("admin:secret-key").toString("base64")}`
              : "ApiKey admin:secret-key",
            ...headers,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
          payload: body === undefined ? undefined : JSON.stringify(body),
        });
        const { statusCode: status, body: text } = answer;
        await expectDocumented(method, path, { status }, text);
        if (wrong.length > 0) {
          sent.refused++;
          if (status < 400) throw new Error(`${status} although the description does not allow it: ${wrong}`);
        } else if (status === 400) {
          if (!reasonsIn(JSON.parse(text)).every(reason => CIRCUMSTANCE.test(reason)))
            throw new Error(`refused although the description allows it: ${text}`);
        } else if (status < 400) sent.allowed++;
      });
    });
    expect(Math.min(sent.allowed, sent.refused)).toBeGreaterThan(count / 20);
  },
);

function reasonsIn(error: unknown): string[] {
  if (typeof error === "string") return [error];
  return typeof error === "object" && error !== null ? Object.values(error).flatMap(reasonsIn) : [];
}

fuzz(
  "bytes that are hardly requests: the server says no 5xx, and goes on",
  1_500,
  async ({ chance, count }) => {
    const server = await startServer({ ...QUICK, apikey: "secret-key" });
    const statuses: Record<string, number> = {};
    try {
      let left = count;
      const client = async (own: Chance) => {
        while (left-- > 0) {
          for (const [, status = ""] of (await exchange(server.port, own)).matchAll(/^HTTP\/1\.1 (\d+) /gm))
            statuses[status] = (statuses[status] ?? 0) + 1;
        }
      };
      await Promise.all(Array.from({ length: 10 }, () => client(chance)));
      const headers = { Authorization: "ApiKey admin:secret-key" };
      expect((await fetch(`${server.url}/api/v1/application/`, { headers })).status).toBe(200);
    } finally {
      await server.close();
    }
    expect(Object.keys(statuses).filter(status => status >= "500")).toEqual([]);
    for (const status of ["200", "400"]) expect(statuses[status]).toBeGreaterThan(count / 200);
  },
);

/** A server of one's own for each test, on a clock that the test moves, and an HTTP client that knows its key. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Application } from "../../provider/tutum/client";
import {
  createManualClock,
  type ManualClock,
  type RunningServer,
  type ServerOptions,
  startServer,
} from "../../server/index";
import { expectDocumented } from "./documented";

export type { Container } from "../../provider/tutum/client/types";

export interface Answer<T> {
  status: number;
  headers: Headers;
  text: string;
  body: T;
}

/** What an error says. */
export interface ErrorBody {
  error: string;
  application: Record<string, string[]>;
}

export interface TestServer extends RunningServer {
  clock: ManualClock;
  call<T = Application>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  get<T = Application>(path: string): Promise<T>;
  create(body: object): Promise<Application>;
  /** Creates an application and lets it become Running. */
  deploy(body: object): Promise<Application>;
  /** Time for every transition under way to end. */
  settle(): Promise<void>;
}

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export function atEnd(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp);
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tutum-server-test-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function startTestServer(
  options: Omit<ServerOptions, "clock"> & { clock?: ManualClock } = {},
): Promise<TestServer> {
  const { clock = createManualClock() } = options;
  const server = await startServer({ apikey: "secret-key", ...options, clock });
  atEnd(() => server.close());

  const call = async <T = Application>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> => {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        Authorization: `ApiKey ${server.user}:${server.apikey}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    if (server.faults.list().length === 0) await expectDocumented(method, path, response, text);
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (text ? JSON.parse(text) : undefined) as T,
    };
  };
  const get = async <T = Application>(path: string) => (await call<T>("GET", path)).body;
  const create = async (body: object) => {
    const created = await call("POST", "/api/v1/application/", body);
    if (created.status !== 202) throw new Error(`not created: ${created.text}`);
    return created.body;
  };
  const settle = () => clock.advance(60_000);

  return Object.assign(Object.create(server) as RunningServer, {
    clock,
    call,
    get,
    settle,
    create,
    async deploy(body: object) {
      const { resource_uri } = await create(body);
      await settle();
      return get(resource_uri);
    },
  });
}

/** Hands out the given uuids, in order. */
export function fixedUuids(uuids: string[]) {
  const left = [...uuids];
  return { uuid: () => left.shift() ?? "no-uuid-left", token: () => "token" };
}

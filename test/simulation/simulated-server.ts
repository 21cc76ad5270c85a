/**
 * The whole server but its sockets in this process, on a simulated disk: asked as by HTTP, killed and started again at
 * any point.
 */
import type { InjectOptions } from "fastify";
import type { HttpRequest, HttpResponse } from "../../provider/http/http-message";
import type { Application } from "../../provider/tutum/client";
import { createTutumApi, type TutumApi } from "../../server/apis/tutum/api";
import { createMemoryBackend } from "../../server/apis/tutum/backend/memory";
import { type Kept, World } from "../../server/apis/tutum/model/world";
import { createServer, type Server } from "../../server/create-server";
import { silentLogger } from "../../server/host/ports/logger";
import { openJournalStorage } from "../../server/host/storage/journal-storage";
import type { Storage } from "../../server/host/storage/storage";
import { type Chance, uuidOf } from "./chance";
import { Life } from "./life";
import { SimulatedDisk } from "./simulated-disk";
import type { VirtualTime } from "./virtual-time";

const TIMES = { start: 1_500, stop: 800, scale: 1_500, terminate: 800, exit: 1_000 };
/** A journal longer than this is followed by a snapshot: small, so that it happens. */
const SNAPSHOT_BYTES = 20_000;
const KEY = "key";

type Asked = Pick<HttpRequest, "method" | "path" | "query" | "body" | "headers">;

export class SimulatedServer {
  readonly #disk = new SimulatedDisk();
  #running: { life: Life; server: Server<TutumApi>; storage: Storage<Kept> } | undefined;

  constructor(
    private readonly time: VirtualTime,
    private readonly chance: Chance,
    /** Whether it knows `Idempotency-Key`. */
    readonly knowsKeys: boolean,
  ) {}

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  async start(): Promise<void> {
    const life = new Life();
    const clock = this.time.forServer(life);
    const backend = createMemoryBackend(clock, TIMES);
    const world = new World();
    const storage = await openJournalStorage(this.#disk.folder, world, silentLogger, {
      snapshotBytes: SNAPSHOT_BYTES,
    });
    const random = { uuid: () => uuidOf(this.chance), token: () => "token" };
    const api = createTutumApi({
      accounts: { user: "admin", apikey: KEY, password: KEY },
      naming: { dnsDomain: "tutum.io", apiUrl: "https://app.tutum.co" },
      ...{ world, storage, backend, clock, random, logger: silentLogger },
      documents: false,
    });
    const server = await this.time.during(createServer({ api, clock, logger: silentLogger }));
    this.#running = { life, server, storage };
  }

  /** All at once: nothing that was under way goes on, and nobody is answered. */
  crash(how: "kill" | "power"): void {
    if (!this.#running) return;
    const { life } = this.#running;
    this.#running = undefined;
    if (how === "kill") this.#disk.kill();
    else this.#disk.losePower(this.chance);
    life.end();
  }

  /** The answer over the wire. Throws `ServerCrashed` when it crashes meanwhile. */
  async answer(request: Asked): Promise<HttpResponse> {
    const running = this.#running;
    if (!running) throw new ServerCrashed();
    const { fastify } = running.server.app;
    const asked = running.life.during(
      () => fastify.inject(injected(this.knowsKeys ? request : { ...request, headers: {} })),
      () => new ServerCrashed(),
    );
    const { statusCode, payload } = await this.time.during(asked);
    return { status: statusCode, text: payload };
  }

  /** What is true, whatever anyone was told. */
  async applications(): Promise<Application[]> {
    const { text } = await this.answer({ method: "GET", path: "application/", query: { limit: 100 } });
    const { objects } = JSON.parse(text) as { objects: { uuid: string }[] };
    const all = await Promise.all(
      objects.map(({ uuid }) => this.answer({ method: "GET", path: `application/${uuid}/` })),
    );
    return all.filter(({ status }) => status === 200).map(answer => JSON.parse(answer.text) as Application);
  }

  async close(): Promise<void> {
    await this.#running?.storage.close();
    this.#running?.life.end();
    this.#disk.remove();
  }
}

export class ServerCrashed extends Error {}

function injected({ method, path, query = {}, body, headers }: Asked): InjectOptions {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return {
    method: method as "GET" | "POST" | "PATCH" | "DELETE",
    url: `/api/v1/${path}`,
    query: Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
    headers: {
      host: "localhost",
      ...headers,
      authorization: `ApiKey admin:${KEY}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  };
}

/**
 * The server's model, operations and storage in this process, on a simulated disk: asked without HTTP, killed and
 * started again at any point.
 */
import type { HttpRequest, HttpResponse } from "../../provider/http/http-message";
import type { Application } from "../../provider/tutum/client";
import { createMemoryBackend } from "../../server/apis/tutum/backend/memory";
import { DEFAULT_LIMITS } from "../../server/apis/tutum/model/settings";
import { type Kept, World } from "../../server/apis/tutum/model/world";
import {
  createApplication,
  getApplication,
  listApplications,
  redeployApplication,
  startApplication,
  stopApplication,
  terminateApplication,
  updateApplication,
} from "../../server/apis/tutum/operations/applications";
import { listContainers } from "../../server/apis/tutum/operations/containers";
import { Engine } from "../../server/apis/tutum/operations/engine";
import { applicationLogs, containerLogs } from "../../server/apis/tutum/operations/logs";
import { ApiError } from "../../server/host/errors";
import { silentLogger } from "../../server/host/ports/logger";
import { openJournalStorage } from "../../server/host/storage/journal-storage";
import { type Storage, StorageError } from "../../server/host/storage/storage";
import { type Chance, uuidOf } from "./chance";
import { Life } from "./life";
import { SimulatedDisk } from "./simulated-disk";
import type { VirtualTime } from "./virtual-time";

const TIMES = { start: 1_500, stop: 800, scale: 1_500, terminate: 800, exit: 1_000 };
/** A journal longer than this is followed by a snapshot: small, so that it happens. */
const SNAPSHOT_BYTES = 20_000;

type Asked = Pick<HttpRequest, "method" | "path" | "query" | "body" | "headers">;

export class SimulatedServer {
  readonly #disk = new SimulatedDisk();
  #running: { life: Life; engine: Engine; storage: Storage<Kept> } | undefined;

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
    const engine = new Engine({
      world,
      settings: {
        naming: { user: "admin", dnsDomain: "tutum.io", region: "dev", apiUrl: "https://app.tutum.co" },
        credentials: { authorization: "ApiKey admin:key" },
        limits: DEFAULT_LIMITS,
        places: backend,
      },
      backend,
      storage,
      clock,
      random,
      logger: silentLogger,
    });
    await engine.resume();
    this.#running = { life, engine, storage };
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
    try {
      const body = await running.life.during(
        () => perform(running.engine, this.knowsKeys ? request : { ...request, headers: {} }),
        () => new ServerCrashed(),
      );
      return { status: request.method === "GET" ? 200 : 202, text: JSON.stringify(body) };
    } catch (error) {
      if (error instanceof ApiError)
        return { status: error.status, text: error.body ? JSON.stringify(error.body) : "" };
      if (error instanceof StorageError)
        return { status: error.statusCode, text: JSON.stringify({ error: error.message }) };
      throw error;
    }
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

async function perform(engine: Engine, { method, path, query, body, headers }: Asked): Promise<unknown> {
  const [noun, uuid = "", act = ""] = path.split("/").filter(part => part !== "");
  const what = `${method} ${noun}${uuid && "/*"}${act && `/${act}`}`;
  const received = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
  switch (what) {
    case "GET application":
      return listApplications(engine, texts(query));
    case "POST application":
      return createApplication(engine, received, headers?.["Idempotency-Key"]);
    case "GET application/*":
      return getApplication(engine, uuid);
    case "PATCH application/*":
      return updateApplication(engine, uuid, received);
    case "DELETE application/*":
      return terminateApplication(engine, uuid);
    case "POST application/*/start":
      return startApplication(engine, uuid);
    case "POST application/*/stop":
      return stopApplication(engine, uuid);
    case "POST application/*/redeploy":
      return redeployApplication(engine, uuid, received);
    case "GET application/*/logs":
      return applicationLogs(engine, uuid);
    case "GET container":
      return listContainers(engine, texts(query));
    case "GET container/*/logs":
      return containerLogs(engine, uuid);
    default:
      throw new Error(`the simulated server does not know ${what}`);
  }
}

function texts(query: HttpRequest["query"] = {}): Record<string, string> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, String(value)]));
}

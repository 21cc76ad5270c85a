/** Puts the parts together: data folder, storage, model, backend, HTTP. */
import type { AddressInfo } from "node:net";
import { type BackendKind, createBackend } from "./apis/tutum/backend/choose";
import { DEFAULT_TIMES, type Times } from "./apis/tutum/backend/memory";
import { openContainerListener } from "./apis/tutum/container-listener";
import { DEFAULT_LIMITS, type Limits } from "./apis/tutum/model/settings";
import { World } from "./apis/tutum/model/world";
import { exitContainer } from "./apis/tutum/operations/containers";
import { Engine } from "./apis/tutum/operations/engine";
import { type Seed, type Seeded, seed } from "./apis/tutum/operations/seed";
import { type ProxyOptions, startProxy } from "./apis/tutum/proxy/start-proxy";
import { createApp } from "./app";
import { CONTROL } from "./host/control/control";
import { type FaultControl, Faults } from "./host/control/faults";
import { Leases } from "./host/control/leases";
import { UserError } from "./host/errors";
import type { ConnectionLimits } from "./host/http/connections";
import { bareAddress, isLoopbackName, nameOfOption } from "./host/http/host-names";
import { listen, urlOf } from "./host/http/listen";
import { Journal, type RequestRecord } from "./host/http/recorded-requests";
import { type Clock, systemClock } from "./host/ports/clock";
import { type Logger, silentLogger } from "./host/ports/logger";
import { createManualClock } from "./host/ports/manual-clock";
import { type Random, systemRandom } from "./host/ports/random";
import { type DataFolder, openDataFolder } from "./host/storage/data-folder";
import { openJournalStorage } from "./host/storage/journal-storage";
import { inMemoryStorage } from "./host/storage/storage";

export interface ServerOptions {
  /** Address to listen on. Anything but the loopback needs an explicit `apikey`. Default: `127.0.0.1`. */
  host?: string;
  /** Names it is reached under besides, as by a proxy in front of it. */
  allowHosts?: string[];
  /** Default: any free port; with `dataDir` the one used before, if it is still free. */
  port?: number;
  /** Default: `admin`; with `dataDir` the one used before. */
  user?: string;
  /** Default: random; with `dataDir` the one used before. */
  apikey?: string;
  /** What `GET /api/v1/auth/` wants to see before it tells the API key. Default: the API key. */
  password?: string;
  /** Folder to keep everything in. Absent: nothing outlives the server. */
  dataDir?: string;
  /** What runs the containers: `memory` simulates them, the others need a `dataDir`. Default: `memory`. */
  backend?: BackendKind;
  /** Docker engines, as in `n1=ssh://me@10.0.0.1,address=10.0.0.1`. Default: the one that the `docker` command uses. */
  nodes?: string[];
  /** Limits of real containers by their size, as in `M=512m,0.5`. Default: none. */
  sizes?: string[];
  /** How long a real container must stand, and its ports may take to answer, until it counts as running. */
  readiness?: { settle?: number; ready?: number };
  /** Milliseconds without progress after which the fetch of an image is given up. Default: five minutes. */
  pullIdle?: number;
  /** Where containers with a role reach this server. Default: found out when the engine is on this machine. */
  apiUrl?: string;
  /** How long the simulated containers' transitions take, in milliseconds. */
  times?: Partial<Times>;
  limits?: Partial<Limits>;
  /** Ending of the DNS names of applications and containers. Default: `tutum.io`; of real ones `tutum.internal`. */
  dnsDomain?: string;
  clock?: Clock;
  /** A clock that stands still until the control API moves it. A `clock` given comes first. */
  virtualClock?: boolean;
  /** The whole control API, under `/_tutum/`: faults, journal, clock, seeds, metrics. Default: off. */
  control?: boolean;
  /** A reverse proxy for `web_public_dns`. Default: on for real containers only. */
  proxy?: ProxyOptions;
  /** Addresses and networks of the proxies in front whose `X-Forwarded-*` is believed. Default: none. */
  trustProxy?: string[];
  /** What connections may take; for tests. */
  connections?: Partial<ConnectionLimits>;
  random?: Random;
  logger?: Logger;
  /** Called once when the last lease (a running `tutum-server exec`) has ended. */
  onUnused?: () => void;
  /** Called when `tutum-server stop` asks for the end. Default: the server closes. */
  onStop?: () => void;
  /** Called once when another server has taken over the data folder: nothing more is stored. Default: it closes. */
  onLost?: () => void;
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT`: the API is at `/api/v1/` under it. */
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly apikey: string;
  /** The last API calls, oldest first. */
  readonly requests: readonly RequestRecord[];
  clearRequests(): void;
  /** Makes API requests go wrong. */
  readonly faults: FaultControl;
  /** Adds running applications by name, as the README describes; those that exist stay as they are. */
  seed(content: Seed): Promise<Seeded>;
  /** Ends the process of a running container with this exit code; resolves when the policies have been applied. */
  exitContainer(uuid: string, code: number): Promise<void>;
  /** Where applications answer by the name they claim as `web_public_dns`; absent when it is off. */
  readonly proxy?: { url: string; port: number };
  /** How to use the control API; absent when it is off. */
  readonly control?: { url: string; token: string };
  /** Answers what is in flight, stores everything, and ends. */
  close(): Promise<void>;
}

/** Characters of an API key or a password that others can try. */
const MIN_KEY = 16;
/** Hexadecimal digits of a server's id. */
const ID_LENGTH = 8;
/** A server that `exec` started and then did not use ends after this. */
const FIRST_LEASE_MS = 30_000;

export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const host = bareAddress(options.host ?? "127.0.0.1");
  const { random = systemRandom, logger = silentLogger, backend: kind = "memory" } = options;
  if (kind !== "memory" && options.dataDir === undefined) {
    throw new UserError(
      "real containers need a data folder: without its records nobody could find them again",
    );
  }
  const isPublic =
    !isLoopback(host) || (options.allowHosts ?? []).length > 0 || (options.trustProxy ?? []).length > 0;
  if (!isLoopback(host) && options.apikey === undefined) {
    throw new UserError(`listening on ${host}, where others can reach it, needs an API key of your choice`);
  }
  if (options.apikey === "" || options.user === "") throw new UserError("user and API key must not be empty");
  // Who has the password is told the key.
  if (options.password === "")
    throw new UserError("the password must not be empty: without one it is the API key");
  if (isPublic && options.password !== undefined && options.password.length < MIN_KEY) {
    throw new UserError(
      `the password is too short where others can try, as it is answered with the API key: at least ${MIN_KEY} characters`,
    );
  }
  const folder =
    options.dataDir === undefined ? undefined : await openDataFolder(options.dataDir, random, logger);
  /** What has to be undone, last one first: to end, or when the start fails half-way. */
  const steps: (() => void | Promise<void>)[] = [() => folder?.close()];
  const end = async () => {
    for (const step of steps.splice(0).reverse()) await step();
  };
  try {
    const { user = "admin", apikey = random.token() } = {
      ...folder?.settings,
      ...given({ user: options.user, apikey: options.apikey }),
    };
    if (isPublic && apikey.length < MIN_KEY) {
      throw new UserError(
        `the API key is too short where others can try: at least ${MIN_KEY} characters, as \`openssl rand -hex 20\` makes them`,
      );
    }
    let idle = async () => {};
    const clock =
      options.clock ?? (options.virtualClock ? createManualClock(Date.now(), () => idle()) : systemClock);
    const start = options.times?.start ?? DEFAULT_TIMES.start;
    const world = new World();
    const storage = folder
      ? await openJournalStorage(folder.path, world, logger, { holds: folder.lock.holds })
      : inMemoryStorage;
    steps.push(() => storage.close());
    if (folder) refuseOthersContainers(folder, world, kind);
    const id = folder?.settings.server ?? random.token().slice(0, ID_LENGTH);
    const backend = await createBackend({
      kind,
      server: id,
      times: { ...DEFAULT_TIMES, start, scale: start, ...options.times },
      nodes: options.nodes ?? [],
      sizes: options.sizes ?? [],
      readiness: given({ ...options.readiness }),
      pullIdle: options.pullIdle,
      clock,
      logger,
    });
    steps.push(() => backend.close());
    const own = options.apiUrl === undefined ? backend.hostAddress() : undefined;
    const door = own ? await openContainerListener(own, folder?.settings.doorPort, logger) : undefined;
    if (door) steps.push(() => door.close());
    const apiUrl = options.apiUrl?.replace(/\/+$/, "") ?? door?.url ?? "https://app.tutum.co";
    const dnsDomain = options.dnsDomain ?? (backend.simulated ? "tutum.io" : "tutum.internal");
    const engine = new Engine({
      world,
      settings: {
        naming: { user, dnsDomain, region: "dev", apiUrl },
        credentials: { authorization: `ApiKey ${user}:${apikey}` },
        limits: { ...DEFAULT_LIMITS, ...options.limits },
        places: backend,
      },
      backend,
      storage,
      clock,
      random,
      logger,
    });
    idle = () => engine.idle();
    await engine.resume();
    const journal = new Journal();
    const leases = new Leases(options.onUnused);
    const faults = new Faults();
    const complete = options.control === true;
    const token = folder?.settings.controlToken ?? (complete ? random.token() : undefined);
    let close = async () => {};
    const stop = () => (options.onStop ? options.onStop() : void close());
    const control =
      token === undefined ? undefined : { token, complete, leases, stop, lock: folder?.lock.token };
    const password = options.password ?? apikey;
    // The address that variables name by default is of a domain that could belong to anyone.
    const urls = [options.apiUrl, door?.url].flatMap(url => url ?? []);
    const names = [...(options.allowHosts ?? []), ...urls.map(url => new URL(url).hostname)];
    const app = createApp({
      ...{ engine, journal, faults, logger, clock, host, names, user, apikey, password, control },
      trustProxy: options.trustProxy ?? [],
      connections: options.connections,
    });
    steps.push(() => app.close());
    door?.serve(app.fastify.server);
    const bind = async (port: number) => {
      await app.fastify.listen({ host, port });
      return (app.fastify.server.address() as AddressInfo).port;
    };
    const port = await listen({ bind, host, port: options.port, kept: folder?.settings.port, logger });
    steps.push(() => leases.closeAll());
    const wanted = options.proxy ?? (backend.simulated ? undefined : {});
    const proxy =
      wanted &&
      (await startProxy(wanted, {
        ...{ engine, logger },
        dataDir: folder?.path,
        kept: folder?.settings.proxyPort,
        trusted: options.trustProxy ?? [],
      }));
    if (proxy) steps.push(() => proxy.close());
    const url = urlOf(host, port);
    const ports = { ...(proxy ? { proxyPort: proxy.port } : {}), ...(door ? { doorPort: door.port } : {}) };
    const nodes = options.nodes ?? [];
    folder?.started({ port, user, apikey, url, server: id, backend: kind, nodes, ...ports });
    if (options.onUnused) setTimeout(() => leases.endIfUnused(), FIRST_LEASE_MS).unref();

    let closed: Promise<void> | undefined;
    close = () => {
      closed ??= end();
      return closed;
    };
    folder?.lock.onLost(() => {
      logger.error({ folder: folder.path }, "another server has taken over the data folder");
      if (options.onLost) options.onLost();
      else void close();
    });
    return {
      url,
      port,
      user,
      apikey,
      get requests() {
        return journal.all;
      },
      clearRequests: () => journal.clear(),
      faults,
      exitContainer: async (uuid, code) => {
        await exitContainer(engine, uuid, code);
      },
      seed: content => seed(engine, content),
      ...(proxy ? { proxy: { url: proxy.url, port: proxy.port } } : {}),
      ...(complete && token ? { control: { url: `${url}${CONTROL}`, token } } : {}),
      close: () => close(),
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** One backend knows nothing of another one's containers. */
function refuseOthersContainers({ path, settings }: DataFolder, world: World, kind: BackendKind): void {
  const { backend } = settings;
  if (backend === kind || world.applications.size === 0) return;
  if (backend === undefined) {
    // The first versions had no settings for simulated containers; for real ones the id would be a new one.
    if (kind === "memory") return;
    throw new UserError(
      `${path}/settings.json is missing, which says what runs the applications and finds their containers: restore it from a backup`,
    );
  }
  throw new UserError(
    `the applications in ${path} run with --backend ${backend}: start it so, or remove them with \`tutum-server reset\` first`,
  );
}

function given<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function isLoopback(host: string): boolean {
  return isLoopbackName(nameOfOption(host) ?? "");
}

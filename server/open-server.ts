/** Opens what a server needs (data folder, storage, backend) and puts it together, without listening. */
import { createTutumApi, type TutumApi } from "./apis/tutum/api";
import { type BackendKind, createBackend } from "./apis/tutum/backend/choose";
import { DEFAULT_TIMES } from "./apis/tutum/backend/memory";
import { type ContainerListener, openContainerListener } from "./apis/tutum/container-listener";
import type { Backend } from "./apis/tutum/model/backend";
import { World } from "./apis/tutum/model/world";
import { createServer, type Server } from "./create-server";
import type { Api, Guest, Shared } from "./host/api";
import { UserError } from "./host/errors";
import { systemClock } from "./host/ports/clock";
import { silentLogger } from "./host/ports/logger";
import { createManualClock } from "./host/ports/manual-clock";
import { systemRandom } from "./host/ports/random";
import { type DataFolder, openDataFolder, recordsFolder } from "./host/storage/data-folder";
import { openJournalStorage } from "./host/storage/journal-storage";
import type { Records } from "./host/storage/records";
import { inMemoryStorage } from "./host/storage/storage";
import { checkKey, checkOptions, hostOf, type ServerOptions, type StandIn } from "./options";

/** Loaded only when they are asked for. */
const STAND_INS: Record<StandIn, () => Guest> = {
  ovh: () => (require("./apis/ovh/api") as typeof import("./apis/ovh/api")).createOvhApi,
};

export interface OpenServer {
  server: Server<TutumApi>;
  user: string;
  apikey: string;
  /** Of the control API, if there is one. */
  token: string | undefined;
  /** What tells this server's containers from others' on an engine. */
  id: string;
  backend: Backend;
  folder: DataFolder | undefined;
  containers: ContainerListener | undefined;
  /** `step` is done when the server ends, before all that was opened before it. */
  atEnd(step: () => void | Promise<void>): void;
  /** Answers what is in flight, stores everything, and ends. */
  close(): Promise<void>;
}

/** Hexadecimal digits of a server's id. */
const ID_LENGTH = 8;

export async function openServer(
  options: ServerOptions,
  guests: readonly Guest[] = [],
  stop: () => void = () => {},
): Promise<OpenServer> {
  checkOptions(options);
  const { random = systemRandom, logger = silentLogger, backend: kind = "memory", control = false } = options;
  const folder =
    options.dataDir === undefined ? undefined : await openDataFolder(options.dataDir, random, logger);
  /** What has to be undone, last one first: to end, or when the start fails half-way. */
  const steps: (() => void | Promise<void>)[] = [() => folder?.close()];
  const close = async () => {
    for (const step of steps.splice(0).reverse()) await step();
  };
  const store = async <Kept extends object>(path: string | undefined, records: Records<Kept>) => {
    if (!folder || path === undefined) return inMemoryStorage;
    const storage = await openJournalStorage(path, records, logger, { holds: folder.lock.holds });
    steps.push(() => storage.close());
    return storage;
  };
  try {
    const { user = "admin", apikey = random.token() } = {
      ...folder?.settings,
      ...given({ user: options.user, apikey: options.apikey }),
    };
    checkKey(options, apikey);
    let idle = async () => {};
    const clock =
      options.clock ?? (options.virtualClock ? createManualClock(Date.now(), () => idle()) : systemClock);
    const world = new World();
    const storage = await store(folder?.path, world);
    if (folder) refuseOthersContainers(folder, world, kind);
    const id = folder?.settings.server ?? random.token().slice(0, ID_LENGTH);
    const start = options.times?.start ?? DEFAULT_TIMES.start;
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
    const containers = own ? await openContainerListener(own, folder?.settings.doorPort, logger) : undefined;
    if (containers) steps.push(() => containers.close());
    const api = createTutumApi({
      accounts: { user, apikey, password: options.password ?? apikey },
      naming: {
        apiUrl: options.apiUrl?.replace(/\/+$/, "") ?? containers?.url ?? "https://app.tutum.co",
        dnsDomain: options.dnsDomain ?? (backend.simulated ? "tutum.io" : "tutum.internal"),
      },
      limits: options.limits,
      ...{ world, storage, backend, clock, random, logger },
    });
    const shared: Shared = {
      ...{ clock, random, logger },
      store: (name, records) => store(folder && recordsFolder(folder.path, name), records),
    };
    const others: Api[] = [];
    for (const name of new Set(options.with)) others.push(await STAND_INS[name]()(shared));
    for (const guest of guests) others.push(await guest(shared));
    idle = async () => {
      for (const each of [api, ...others]) await each.idle();
    };
    const token = folder?.settings.controlToken ?? (control ? random.token() : undefined);
    // The address that variables name by default is of a domain that could belong to anyone.
    const urls = [options.apiUrl, containers?.url].flatMap(url => url ?? []);
    const server = await createServer({
      ...{ api, guests: others, clock, logger },
      host: hostOf(options),
      names: [...(options.allowHosts ?? []), ...urls.map(url => new URL(url).hostname)],
      trustProxy: options.trustProxy,
      connections: options.connections,
      control: token === undefined ? undefined : { token, complete: control, lock: folder?.lock.token, stop },
      onUnused: options.onUnused,
    });
    steps.push(() => server.close());
    containers?.serve(server.app.fastify.server);
    return {
      ...{ server, user, apikey, token, id, backend, folder, containers, close },
      atEnd: step => void steps.push(step),
    };
  } catch (error) {
    await close();
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

/**
 * Nothing that was answered is lost: the real process under load is killed, again and again, and what it answered is
 * looked for afterwards. ROUNDS sets how often; FULL=1 means 1,000 times.
 */
import { cpSync, existsSync, readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Application, Page } from "../../../../provider/tutum/client";
import { createManualClock } from "../../../../server/host/ports/manual-clock";
import { until } from "../../../until";
import { startTestServer, temporaryFolder } from "../../harness";
import { APPLICATIONS, ask, buildServer, listAll, runServer } from "../../server-process";

const ROUNDS = Number(process.env.ROUNDS ?? (process.env.FULL ? 1_000 : 100));
/** So many rounds share a folder, and find what all before them left. */
const ROUNDS_PER_FOLDER = 10;
const WRITERS = 8;
const CONTAINERS = 3;

beforeAll(buildServer, 120_000);

/** What a writer knows of an application of its own. */
interface Known {
  name: string;
  uri?: string;
  /** Values of `web_public_dns` that it may have: what was answered last, and what was under way. */
  hosts: (string | null)[];
  /** It may be there, terminating or gone, for the answer did not come. */
  unsure?: "create" | "delete";
  deleted?: boolean;
}

let created = 0;

/** Creates, changes and deletes until the server is gone. */
async function write(url: string, known: Known[], answered: () => void): Promise<void> {
  for (;;) {
    const one: Known = { name: `a${++created}`, hosts: [null], unsure: "create" };
    known.push(one);
    const body = { image: "tutum/hello-world", name: one.name, target_num_containers: CONTAINERS };
    const create = await ask(url, "POST", APPLICATIONS, body).catch(() => undefined);
    if (!create) return;
    expect(create.status).toBe(202);
    one.uri = create.body.resource_uri;
    one.unsure = undefined;
    answered();
    for (let change = 0; change < 3; change++) {
      const web_public_dns = `v${change}.${one.name}.example.com`;
      one.hosts.push(web_public_dns);
      const patch = await ask(url, "PATCH", one.uri, { web_public_dns }).catch(() => undefined);
      if (!patch) return;
      expect(patch.status).toBe(202);
      one.hosts = [web_public_dns];
      answered();
    }
    if (created % 2 === 0) continue;
    const current = await ask(url, "GET", one.uri).catch(() => undefined);
    if (!current) return;
    if (current.body.state !== "Running") continue;
    one.unsure = "delete";
    const remove = await ask(url, "DELETE", one.uri).catch(() => undefined);
    if (!remove) return;
    expect(remove.status).toBe(202);
    one.unsure = undefined;
    one.deleted = true;
    answered();
  }
}

/** How many of those known are there as they should be; the rest is told. */
function wrong(known: Known[], found: Application[]): string[] {
  const byName = new Map(found.map(application => [application.name, application]));
  return known.flatMap(one => {
    const application = byName.get(one.name);
    byName.delete(one.name);
    if (!application) return one.unsure === "create" ? [] : [`${one.name} is lost`];
    const isGone = application.state.startsWith("Terminat");
    if (one.deleted && !isGone) return [`${one.name} was deleted, and is ${application.state}`];
    if (isGone) return one.deleted || one.unsure === "delete" ? [] : [`${one.name} is ${application.state}`];
    if (!one.hosts.includes(application.web_public_dns ?? null)) {
      return [`${one.name} has ${application.web_public_dns} instead of ${one.hosts.join(" or ")}`];
    }
    // Half of it would be an application without its containers.
    return application.current_num_containers === CONTAINERS
      ? []
      : [`${one.name} has ${application.current_num_containers} containers`];
  });
}

test(
  `${ROUNDS} times killed under load, the server has lost nothing that it answered, and nothing is half there`,
  async () => {
    let answers = 0;
    let dataDir = "";
    let known: Known[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const isNew = round % ROUNDS_PER_FOLDER === 0;
      const look = async (url: string) => expect(wrong(known, await listAll(url))).toEqual([]);
      if (isNew && round > 0) {
        const last = runServer(dataDir);
        await look(await last.ready);
        last.kill("SIGKILL");
        await last.ended;
      }
      if (round === ROUNDS) break;
      if (isNew) {
        dataDir = join(temporaryFolder(), "data");
        known = [];
      }
      const server = runServer(dataDir);
      const url = await server.ready;
      if (!isNew) await look(url);
      // What was unsure is settled now: the server may not change its mind again.
      const names = new Map((await listAll(url)).map(found => [found.name, found]));
      known = known.flatMap(one => {
        const found = names.get(one.name);
        if (!found) return [];
        const deleted = found.state.startsWith("Terminat");
        return [{ name: one.name, uri: found.resource_uri, hosts: [found.web_public_dns ?? null], deleted }];
      });
      const enough = 1 + Math.floor(Math.random() * 60);
      let count = 0;
      const answered = () => {
        if (++count === enough) server.kill("SIGKILL");
      };
      await Promise.all(Array.from({ length: WRITERS }, () => write(url, known, answered)));
      await server.ended;
      answers += count;
    }
    expect(answers).toBeGreaterThan(ROUNDS);
    process.stderr.write(`kill -9: ${ROUNDS} rounds, ${answers} answered changes, 0 lost\n`);
  },
  ROUNDS * 5_000,
);

test("a second server on the folder is refused, says who has it, and disturbs nothing", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = runServer(dataDir);
  const url = await first.ready;
  await ask(url, "POST", APPLICATIONS, { image: "tutum/redis" });
  const before = readdirSync(dataDir).sort();
  const second = await runServer(dataDir).ended;
  expect(second.code).toBe(75);
  expect(second.stderr).toMatch(/^tutum-server: .*data is in use by another tutum-server \(process \d+\)\n$/);
  expect(readdirSync(dataDir).sort()).toEqual(before);
  expect((await listAll(url)).map(({ name }) => name)).toEqual(["redis"]);
});

test("of many servers started at once on a folder whose server was killed, one gets it", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const dead = runServer(dataDir);
  await ask(await dead.ready, "POST", APPLICATIONS, { image: "tutum/redis" });
  dead.kill("SIGKILL");
  await dead.ended;
  const servers = [1, 2, 3, 4].map(() => runServer(dataDir));
  const urls = await Promise.allSettled(servers.map(({ ready }) => ready));
  const winners = urls.flatMap(result => (result.status === "fulfilled" ? [result.value] : []));
  expect(winners).toHaveLength(1);
  expect((await listAll(winners[0] as string)).map(({ name }) => name)).toEqual(["redis"]);
});

/** All file handles share it. */
async function fileHandles() {
  const handle = await open(__filename);
  await handle.close();
  return Object.getPrototypeOf(handle) as Record<"datasync", () => Promise<void>>;
}

test.each<[what: string, method: string, path: string, body: object | undefined, status: number]>([
  ["a change that another one has made already", "PATCH", "", { web_public_dns: "a.example.com" }, 202],
  ["a refusal for what another one has made", "PATCH", "", { image: "x" }, 400],
  ["what is read", "GET", "", undefined, 200],
  ["a list", "GET", "../?name=web", undefined, 200],
])("%s is not answered before that is stored", async (_what, method, path, body, status) => {
  const server = await startTestServer({ dataDir: join(temporaryFolder(), "data") });
  const { resource_uri } = await server.create({ image: "tutum/hello-world", name: "web" });
  const handles = await fileHandles();
  const { datasync } = handles;
  let goOn = () => {};
  const held = new Promise<void>(done => {
    goOn = done;
  });
  const order: string[] = [];
  let started = () => {};
  const syncing = new Promise<void>(done => {
    started = done;
  });
  jest.spyOn(handles, "datasync").mockImplementationOnce(async function (this: never) {
    started();
    await held;
    order.push("stored");
    return datasync.call(this);
  });
  try {
    const first = server.call("PATCH", resource_uri, { web_public_dns: "a.example.com" });
    await syncing;
    const url = new URL(resource_uri + path, server.url);
    const second = server.call(method, url.pathname + url.search, body).then(answer => {
      order.push("answered");
      return answer;
    });
    // It has arrived, and has had time to be answered.
    await until(() => server.requests.length === 3);
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
    goOn();
    expect([(await first).status, (await second).status]).toEqual([202, status]);
    expect(order).toEqual(["stored", "answered"]);
  } finally {
    goOn();
    jest.restoreAllMocks();
  }
});

test("after a failed sync nothing is tried for ever: the server can end", async () => {
  const errors: string[] = [];
  const ignore = () => {};
  const logger = {
    info: ignore,
    warn: ignore,
    error: (_fields: object, message: string) => void errors.push(message),
  };
  const server = await startTestServer({ dataDir: join(temporaryFolder(), "data"), logger });
  await server.create({ image: "tutum/hello-world" });
  const failure = Object.assign(new Error("EIO: the disk says no"), { code: "EIO" });
  jest.spyOn(await fileHandles(), "datasync").mockRejectedValueOnce(failure);
  await until(async () => {
    await server.clock.advance(1_000);
    return errors.includes("an event of the backend could not be stored");
  });
  jest.restoreAllMocks();
  for (let second = 0; second < 20; second++) await server.clock.advance(1_000);
  expect(errors.filter(message => message === "an event of the backend could not be stored")).toHaveLength(1);
});

test("a clock that was set back leaves no container without its application", async () => {
  const manual = createManualClock();
  let offset = 0;
  const clock = { ...manual, now: () => manual.now() + offset };
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ dataDir, clock });
  const ended = (uri: string) =>
    until(async () => {
      await clock.advance(1_000);
      return (await server.get(uri)).state === "Terminated";
    });
  const application = await server.create({ image: "tutum/hello-world", target_num_containers: 2 });
  await until(async () => {
    await clock.advance(1_000);
    return (await server.get(application.resource_uri)).state === "Running";
  });
  await server.call("DELETE", application.containers[0] as string);
  await ended(application.containers[0] as string);
  offset = -60 * 60_000;
  await until(async () => {
    await clock.advance(1_000);
    return (await server.call("DELETE", application.resource_uri)).status === 202;
  });
  await ended(application.resource_uri);
  await server.close();

  await manual.advance(6 * 60_000);
  const again = await startTestServer({ dataDir, clock });
  for (const root of [APPLICATIONS, "/api/v1/container/"]) {
    const { status, body } = await again.call<Page<Application>>("GET", root);
    expect([root, status, body.meta.total_count]).toEqual([root, 200, 0]);
  }
});

const STORES = join(__dirname, "fixtures/stores");

test.each(readdirSync(STORES))("data of an earlier version opens: %s", async store => {
  const dataDir = join(temporaryFolder(), "data");
  cpSync(join(STORES, store), dataDir, { recursive: true });
  for (let start = 0; start < 2; start++) {
    const server = await startTestServer({ dataDir });
    const { objects } = await server.get<{ objects: Application[] }>(APPLICATIONS);
    expect(objects.map(({ name, state, web_public_dns }) => ({ name, state, web_public_dns }))).toEqual([
      { name: "db", state: "Running", web_public_dns: null },
      { name: "web", state: "Stopped", web_public_dns: "www.example.com" },
    ]);
    const web = await server.get(objects[1]?.resource_uri as string);
    expect(web).toMatchObject({
      target_num_containers: 2,
      current_num_containers: 2,
      stopped_num_containers: 2,
    });
    expect(web.container_envvars.map(({ key, value }) => `${key}=${value}`)).toEqual(["GREETING=hällo ☃"]);
    expect(web.linked_to_application).toHaveLength(1);
    await server.close();
  }
  expect(existsSync(join(dataDir, "closed"))).toBe(true);
});

test("images and creates by key of an earlier version are there, and what it removed is not", async () => {
  const dataDir = join(temporaryFolder(), "data");
  cpSync(join(STORES, "format-2-all-collections"), dataDir, { recursive: true });
  const server = await startTestServer({ dataDir });
  const { objects } = await server.get<{ objects: { name: string }[] }>("/api/v1/image/");
  expect(objects.map(({ name }) => name)).toEqual(["quay.io/me/app"]);
  const { objects: applications } = await server.get<{ objects: Application[] }>(APPLICATIONS);
  const [db, web] = applications;
  const again = await server.call<Application>(
    "POST",
    APPLICATIONS,
    {
      image: "tutum/hello-world",
      name: "web",
      target_num_containers: 2,
      container_envvars: [{ key: "GREETING", value: "hällo ☃" }],
      linked_to_application: [{ to_application: db?.resource_uri, name: "STORE" }],
      web_public_dns: "www.example.com",
    },
    { "Idempotency-Key": "once" },
  );
  expect([again.status, again.body.uuid, again.body.state]).toEqual([202, web?.uuid, "Starting"]);
});

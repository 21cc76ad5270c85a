import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Application, Page } from "../../../../provider/tutum/client";
import { encodeLine } from "../../../../server/host/storage/lines";
import { createManualClock, type ManualClock, type RunningServer } from "../../../../server/index";
import { until } from "../../../until";
import { startTestServer, type TestServer, temporaryFolder } from "../../harness";

const HELLO = { image: "tutum/hello-world" };
const ROOT = "/api/v1/application/";
const FAST = { start: 5, stop: 5, terminate: 5 };

interface Setting {
  dataDir: string;
  clock: ManualClock;
}

function setting(): Setting {
  return { dataDir: join(temporaryFolder(), "data"), clock: createManualClock() };
}

/** Transitions need the disk, which the clock does not move: the state is waited for. */
async function reach(server: TestServer, uri: string, state: string): Promise<Application> {
  return until(async () => {
    await server.clock.advance(10);
    const application = await server.get(uri);
    return application.state === state && application;
  });
}

async function everything(server: TestServer): Promise<string> {
  const bodies = [];
  for (const { resource_uri } of (await server.get<Page<Application>>(`${ROOT}?limit=100`)).objects) {
    const application = await server.get(resource_uri);
    bodies.push(application, ...(await Promise.all(application.containers.map(uri => server.get(uri)))));
  }
  return JSON.stringify(bodies);
}

const filesLike = (folder: string, kind: string) => readdirSync(folder).filter(name => name.startsWith(kind));
const lastJournal = (folder: string) =>
  join(
    folder,
    filesLike(folder, "journal")
      .sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)))
      .at(-1) as string,
  );

/** Applications in several states, on disk; the server has ended. */
async function stored(where: Setting): Promise<string> {
  const server = await startTestServer({ ...where, times: FAST });
  const db = await server.create({ image: "tutum/mysql", name: "db", target_num_containers: 2 });
  await reach(server, db.resource_uri, "Running");
  const web = await server.create({
    ...HELLO,
    linked_to_application: [{ to_application: db.uuid, name: "db" }],
  });
  await reach(server, web.resource_uri, "Running");
  await server.call("POST", `${web.resource_uri}stop/`);
  await reach(server, web.resource_uri, "Stopped");
  const before = await everything(server);
  await server.close();
  return before;
}

test("a restarted server knows everything it knew, on the same address with the same key", async () => {
  const where = setting();
  const first = await startTestServer({ ...where, times: FAST, apikey: undefined, user: "me" });
  const { resource_uri } = await first.create({ ...HELLO, target_num_containers: 2 });
  await reach(first, resource_uri, "Running");
  const before = await everything(first);
  await first.close();
  const second = await startTestServer({ ...where, times: FAST, apikey: undefined });
  expect(await everything(second)).toBe(before);
  expect([second.url, second.user, second.apikey]).toEqual([first.url, "me", first.apikey]);
});

test.each<[state: string, method: string, path: string, after: string]>([
  ["Starting", "GET", "", "Running"],
  ["Stopping", "POST", "stop/", "Stopped"],
  ["Redeploying", "POST", "redeploy/", "Running"],
  ["Terminating", "DELETE", "", "Terminated"],
  ["Scaling", "PATCH", "", "Running"],
])("an application that was %s goes on after a restart", async (state, method, path, after) => {
  const where = setting();
  const first = await startTestServer({ ...where, times: FAST });
  const { resource_uri } = await first.create({ ...HELLO, target_num_containers: 2 });
  if (method !== "GET") await reach(first, resource_uri, "Running");
  await first.call(
    method,
    resource_uri + path,
    method === "PATCH" ? { target_num_containers: 4 } : undefined,
  );
  expect((await first.get(resource_uri)).state).toBe(state);
  await first.close();
  const second = await startTestServer({ ...where, times: FAST });
  expect((await second.get(resource_uri)).state).toBe(state);
  const application = await reach(second, resource_uri, after);
  if (after === "Running") expect(application.running_num_containers).toBe(application.target_num_containers);
});

test("the data folder and what is in it are for its owner alone, and git ignores them", async () => {
  const where = setting();
  await stored(where);
  expect(statSync(where.dataDir).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(where.dataDir)) {
    expect([name, statSync(join(where.dataDir, name)).mode & 0o777]).toEqual([name, 0o600]);
  }
  expect(readFileSync(join(where.dataDir, ".gitignore"), "utf8")).toBe("*\n");
});

test("a journal cut off anywhere in its last line loads without that line, and again after that", async () => {
  const where = setting();
  await stored(where);
  const journal = lastJournal(where.dataDir);
  const whole = readFileSync(journal);
  const lastLine = whole.lastIndexOf("\n", whole.length - 2) + 1;
  truncateSync(journal, lastLine + Math.floor((whole.length - lastLine) / 2));
  // As after a crash: a server that ended in order would have noted where.
  rmSync(join(where.dataDir, "closed"));
  const warnings: string[] = [];
  const logger = {
    info: () => {},
    error: () => {},
    warn: (_: object, message: string) => void warnings.push(message),
  };
  for (let start = 0; start < 2; start++) {
    const server = await startTestServer({ ...where, times: FAST, logger });
    // The line lost said that the web application's container had stopped.
    expect((await server.get<Page<Application>>(ROOT)).objects.map(({ state }) => state)).toEqual([
      "Running",
      "Stopping",
    ]);
    await server.close();
  }
  expect(warnings).toEqual(["dropped an unfinished change at the end of the journal"]);
});

test("a flipped byte anywhere in a journal stops the start, touching nothing", async () => {
  const where = setting();
  await stored(where);
  const journal = lastJournal(where.dataDir);
  const whole = readFileSync(journal);
  const names = readdirSync(where.dataDir).filter(name => /^(journal|snapshot)/.test(name));
  for (let at = 0; at < whole.length - 1; at += 97) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ 4;
    writeFileSync(journal, damaged);
    await expect(startTestServer(where)).rejects.toThrow(/is damaged \(journal-1: line \d+/);
    expect(readFileSync(journal).equals(damaged)).toBe(true);
  }
  expect(readdirSync(where.dataDir).filter(name => /^(journal|snapshot)/.test(name))).toEqual(names);
});

test("a damaged snapshot is made up for by the generation before", async () => {
  const where = setting();
  const before = await stored(where);
  for (let start = 0; start < 3; start++) await (await startTestServer(where)).close();
  const snapshot = join(where.dataDir, "snapshot-4");
  const whole = readFileSync(snapshot);
  for (let at = 3; at < whole.length; at += 501) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ 1;
    writeFileSync(snapshot, damaged);
    const world = await loaded(where);
    expect(world).toBe(before);
  }
  writeFileSync(snapshot, whole.subarray(0, -20));
  expect(await loaded(where)).toBe(before);

  async function loaded({ clock }: Setting): Promise<string> {
    const copy = temporaryFolder();
    for (const name of readdirSync(where.dataDir)) {
      if (/^(journal|snapshot)/.test(name))
        writeFileSync(join(copy, name), readFileSync(join(where.dataDir, name)));
    }
    const server = await startTestServer({ dataDir: copy, clock });
    const known = await everything(server);
    await server.close();
    return known;
  }
});

test("only the present and the previous generation are kept", async () => {
  const where = setting();
  await stored(where);
  for (let start = 0; start < 4; start++) await (await startTestServer(where)).close();
  expect(filesLike(where.dataDir, "snapshot").sort()).toEqual(["snapshot-4", "snapshot-5"]);
  expect(filesLike(where.dataDir, "journal").sort()).toEqual(["journal-4", "journal-5"]);
});

test("a journal line that does not follow the one before stops the start", async () => {
  const where = setting();
  await stored(where);
  appendFileSync(lastJournal(where.dataDir), encodeLine({ n: 999, change: {} }));
  await expect(startTestServer(where)).rejects.toThrow("does not follow the one before");
});

test("a second server on the same folder is refused; after the first has ended it is not", async () => {
  const where = setting();
  const first = await startTestServer(where);
  await expect(startTestServer(where)).rejects.toThrow(
    `is in use by another tutum-server (process ${process.pid})`,
  );
  await first.close();
  await startTestServer(where);
});

test("a lock left by a process that is gone does not hinder", async () => {
  const where = setting();
  await (await startTestServer(where)).close();
  writeFileSync(join(where.dataDir, "lock.7"), JSON.stringify({ pid: 1, started: "long ago" }));
  await startTestServer(where);
  expect(filesLike(where.dataDir, "lock.")).toEqual(["lock.8"]);
});

test("when the kept port is taken, another one is used and kept", async () => {
  const where = setting();
  const first: RunningServer = await startTestServer(where);
  await first.close();
  const thief = await startTestServer({ port: first.port });
  const second = await startTestServer(where);
  expect(second.port).not.toBe(first.port);
  await thief.close();
  await second.close();
  expect((await startTestServer(where)).port).toBe(second.port);
});

test("a port in use is an error that says so", async () => {
  const { port } = await startTestServer();
  await expect(startTestServer({ port })).rejects.toThrow(`port ${port} is in use by another program`);
});

test("many changes at once are all kept", async () => {
  const where = setting();
  const server = await startTestServer(where);
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => server.create({ ...HELLO, name: `app-${n % 10}` })),
  );
  await server.close();
  const again = await startTestServer(where);
  const { meta } = await again.get<Page<Application>>(ROOT);
  expect(meta.total_count).toBe(200);
});

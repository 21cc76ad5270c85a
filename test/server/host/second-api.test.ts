/** Two APIs on one server: each has its listener, its errors and its records; everything else is one for both. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runReset } from "../../../server/commands/reset";
import { createServer } from "../../../server/create-server";
import type { Api } from "../../../server/host/api";
import { type Logger, silentLogger } from "../../../server/host/ports/logger";
import { systemRandom } from "../../../server/host/ports/random";
import { inMemoryStorage } from "../../../server/host/storage/storage";
import { createManualClock, type ManualClock, type RunningServer, startServer } from "../../../server/index";
import { openServer } from "../../../server/open-server";
import { atEnd, temporaryFolder } from "../harness";
import { NOTES_KEY, type Note, notesApi } from "./notes-api";

const KEY = "secret-key";
const APPLICATIONS = "/api/v1/application/";

interface Both {
  server: RunningServer;
  clock: ManualClock;
  notes(method: string, path: string, body?: unknown, key?: string): Promise<Response>;
  tutum(method: string, path: string, body?: unknown): Promise<Response>;
  control(method: string, path: string, body?: unknown): Promise<Response>;
}

async function startBoth(dataDir?: string, clock = createManualClock()): Promise<Both> {
  const options = { apikey: KEY, clock, control: true, ...(dataDir === undefined ? {} : { dataDir }) };
  const server = await startServer(options, [notesApi]);
  atEnd(() => server.close());
  const ask = (url: string, method: string, headers: Record<string, string>, body?: unknown) =>
    fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  return {
    server,
    clock,
    notes: (method, path, body, key = NOTES_KEY) =>
      ask(`${server.guests.notes?.url}${path}`, method, { "X-Notes-Key": key }, body),
    tutum: (method, path, body) =>
      ask(server.url + path, method, { Authorization: `ApiKey admin:${KEY}` }, body),
    control: (method, path, body) =>
      ask(
        `${server.control?.url}${path}`,
        method,
        { Authorization: `Bearer ${server.control?.token}` },
        body,
      ),
  };
}

const told = async (response: Response): Promise<[number, unknown]> => {
  const text = await response.text();
  return [response.status, text === "" ? "" : JSON.parse(text)];
};

test("each is on a port of its own, with its own credentials, headers and shape of errors", async () => {
  const { server, notes, tutum } = await startBoth();
  expect(server.guests.notes?.port).not.toBe(server.port);
  const listed = await notes("GET", "/notes");
  expect([listed.status, listed.headers.get("X-Notes"), listed.headers.get("Vary")]).toEqual([
    200,
    "1",
    null,
  ]);
  const refused = (status: number, message = expect.any(String)) => [status, { message, errorCode: status }];
  expect(await told(await notes("GET", "/notes", undefined, "wrong"))).toEqual(refused(401));
  expect(await told(await notes("GET", APPLICATIONS))).toEqual(refused(404));
  expect(await told(await notes("GET", "/_tutum/health"))).toEqual(refused(404));
  expect(await told(await notes("POST", "/notes", { text: 1 }))).toEqual(
    refused(422, "A note needs a text."),
  );
  expect(await told(await notes("GET", "/broken"))).toEqual(refused(500, "Internal error"));
  const cut = fetch(`${server.guests.notes?.url}/notes`, {
    method: "POST",
    headers: { "X-Notes-Key": NOTES_KEY, "Content-Type": "application/json" },
    body: "{",
  });
  expect(await told(await cut)).toEqual(refused(400));
  expect((await tutum("GET", "/notes")).status).toBe(404);
  expect(await told(await tutum("GET", `${APPLICATIONS}?limit=x`))).toEqual([
    400,
    { error: expect.any(String) },
  ]);
  expect((await fetch(server.url + APPLICATIONS)).status).toBe(401);
});

test("records of both are in one data folder under one lock, and are there after a restart", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = await startBoth(dataDir);
  await first.clock.advance(1_234);
  const at = first.clock.now();
  const note = (await (await first.notes("POST", "/notes", { text: "hällo ☃" })).json()) as Note;
  expect(note).toMatchObject({ text: "hällo ☃", at });
  await first.tutum("POST", APPLICATIONS, { image: "tutum/hello-world", name: "web" });
  await expect(startServer({ dataDir })).rejects.toThrow(/already|in use|another/);
  await first.server.close();
  expect(readdirSync(join(dataDir, "notes")).sort()).toEqual(["closed", "journal-1"]);

  const { notes, tutum } = await startBoth(dataDir, first.clock);
  expect(await (await notes("GET", "/notes")).json()).toEqual([note]);
  const { objects } = (await (await tutum("GET", APPLICATIONS)).json()) as { objects: { name: string }[] };
  expect(objects.map(({ name }) => name)).toEqual(["web"]);
});

test("requests to both are in one list with the API's name, each redacted by its own API", async () => {
  const { server, notes, tutum } = await startBoth();
  await notes("POST", "/notes", { text: "a secret" });
  await tutum("GET", APPLICATIONS);
  await notes("GET", "/notes", undefined, "wrong");
  expect(
    server.requests.map(({ api, path, status, body, authorizationUser }) => [
      api,
      path,
      status,
      body,
      authorizationUser,
    ]),
  ).toEqual([
    ["notes", "/notes", 201, "(a note)", "writer"],
    ["tutum", APPLICATIONS, 200, null, "admin"],
    ["notes", "/notes", 401, null, null],
  ]);
});

test("a fault rule is applied to both, or to the one that it names", async () => {
  const { server, notes, tutum } = await startBoth();
  server.faults.add({ api: "notes", times: 1, answer: { status: 502 } });
  expect([(await tutum("GET", APPLICATIONS)).status, (await notes("GET", "/notes")).status]).toEqual([
    200, 502,
  ]);
  server.faults.add({ answer: { status: 503 } });
  expect([(await tutum("GET", APPLICATIONS)).status, (await notes("GET", "/notes")).status]).toEqual([
    503, 503,
  ]);
});

test("the control API tells of both, and a reset leaves nothing of either, on disk neither", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const { notes, tutum, control } = await startBoth(dataDir);
  await notes("POST", "/notes", { text: "canary-2f" });
  await tutum("POST", APPLICATIONS, { image: "tutum/hello-world" });
  expect(await (await control("GET", "state")).json()).toMatchObject({
    notes: 1,
    applications: { Starting: 1 },
  });
  expect(await (await control("GET", "ready")).json()).toEqual({
    status: "ready",
    storage: "ok",
    backend: expect.any(String),
    notes: "ok",
  });
  expect(await (await control("POST", "reset", { confirm: true })).json()).toEqual({ removed: 2 });
  expect(await (await control("GET", "state")).json()).toMatchObject({ notes: 0, applications: {} });
  const files = readdirSync(join(dataDir, "notes")).map(name =>
    readFileSync(join(dataDir, "notes", name), "utf8"),
  );
  expect(files.join()).not.toContain("canary-2f");
});

test("`tutum-server reset` of a folder that no server has leaves nothing of either", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = await startBoth(dataDir);
  await first.notes("POST", "/notes", { text: "canary-2f" });
  await first.tutum("POST", APPLICATIONS, { image: "tutum/hello-world" });
  await first.server.close();
  const log = jest.spyOn(console, "log").mockReturnValue();
  await runReset(dataDir, true);
  log.mockRestore();
  expect(readdirSync(join(dataDir, "notes"))).toEqual([]);
  const { control } = await startBoth(dataDir);
  expect(await (await control("GET", "state")).json()).toMatchObject({ notes: 0, applications: {} });
});

const LONG_KEY = "0123456789abcdef0123";

test.each([
  [{ host: "0.0.0.0" }, "(host 0.0.0.0)"],
  [{ host: "[::]" }, "(host ::)"],
  [{ allowHosts: ["tutum.example.com"] }, "(host 127.0.0.1, allowed host tutum.example.com)"],
  [{ trustProxy: ["10.0.0.0/8"] }, "(host 127.0.0.1, trusted proxy 10.0.0.0/8)"],
])("where others can connect, as with %j, no simulated API for tests is served", async (options, where) => {
  const refused = `"notes" is a simulated API for tests: it cannot be served where others can connect ${where}`;
  await expect(openServer({ ...options, apikey: LONG_KEY }, [notesApi])).rejects.toThrow(refused);
  await expect(startServer({ ...options, apikey: LONG_KEY }, [notesApi])).rejects.toThrow(refused);
  const server = await startServer({ ...options, apikey: LONG_KEY });
  await server.close();
});

test("next to an API with real resources no simulated one for tests is served, and none has begun", async () => {
  const shared = {
    ...{ clock: createManualClock(), random: systemRandom, logger: silentLogger },
    store: async () => inMemoryStorage,
  };
  const resume = jest.fn(async () => {});
  const notes = { ...(await notesApi(shared)), resume };
  const machines: Api = { ...notes, name: "machines", standIn: false, real: "real containers" };
  await expect(createServer({ api: machines, guests: [notes], ...shared })).rejects.toThrow(
    '"notes" is a simulated API for tests: it cannot be served next to real containers',
  );
  expect(resume).not.toHaveBeenCalled();
  const alone = await createServer({ api: machines, ...shared, host: "0.0.0.0" });
  await alone.close();
});

/** Samples of the API's own metrics, without their values. */
async function seriesOf(server: RunningServer): Promise<string[]> {
  const response = await fetch(`${server.control?.url}metrics`, {
    headers: { Authorization: `Bearer ${server.control?.token}` },
  });
  const lines = (await response.text())
    .split("\n")
    .filter(line => /^tutum_(requests|journal|storage)/.test(line));
  return lines.map(line => line.replace(/ \S+$/, "")).sort();
}

test("log lines and metrics say which API they are about; for Tutum alone they are as before", async () => {
  const logged: object[] = [];
  const logger: Logger = { ...silentLogger, info: fields => void logged.push(fields) };
  const options = { apikey: KEY, control: true, logger };
  const both = await startServer(options, [notesApi]);
  atEnd(() => both.close());
  await fetch(`${both.guests.notes?.url}/notes`, { headers: { "X-Notes-Key": NOTES_KEY } });
  await fetch(both.url + APPLICATIONS, { headers: { Authorization: `ApiKey admin:${KEY}` } });
  expect(logged).toEqual([
    expect.objectContaining({ api: "notes", route: "/notes", status: 200 }),
    expect.objectContaining({ api: "tutum", route: APPLICATIONS, status: 200 }),
  ]);
  const labels = (api: string) => `api="${api}",method="GET",route=`;
  expect(await seriesOf(both)).toEqual([
    'tutum_journal_bytes{api="notes"}',
    'tutum_journal_bytes{api="tutum"}',
    'tutum_journal_syncs_total{api="notes"}',
    'tutum_journal_syncs_total{api="tutum"}',
    `tutum_requests_total{${labels("notes")}"/notes",status="200"}`,
    `tutum_requests_total{${labels("tutum")}"${APPLICATIONS}",status="200"}`,
    'tutum_storage_failures_total{api="notes"}',
    'tutum_storage_failures_total{api="tutum"}',
    'tutum_storage_writable{api="notes"}',
    'tutum_storage_writable{api="tutum"}',
  ]);

  logged.length = 0;
  const alone = await startServer(options);
  atEnd(() => alone.close());
  await fetch(alone.url + APPLICATIONS, { headers: { Authorization: `ApiKey admin:${KEY}` } });
  expect(logged).toEqual([expect.not.objectContaining({ api: expect.anything() })]);
  expect(await seriesOf(alone)).toEqual([
    "tutum_journal_bytes",
    "tutum_journal_syncs_total",
    `tutum_requests_total{method="GET",route="${APPLICATIONS}",status="200"}`,
    "tutum_storage_failures_total",
    "tutum_storage_writable",
  ]);
});

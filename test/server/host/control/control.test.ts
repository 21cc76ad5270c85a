import { request } from "node:http";
import { join } from "node:path";
import { startServer } from "../../../../server/index";
import { type ControlledServer, startControlled } from "../../control-api";
import { atEnd, type Container, type ErrorBody, startTestServer, temporaryFolder } from "../../harness";

const HELLO = { image: "tutum/hello-world" };
const ROOT = "/api/v1/application/";

const EVERYTHING: [method: string, path: string, body?: object][] = [
  ["GET", "health"],
  ["GET", "ready"],
  ["GET", "state"],
  ["GET", "metrics"],
  ["GET", "requests"],
  ["DELETE", "requests"],
  ["GET", "faults"],
  ["POST", "faults", {}],
  ["DELETE", "faults"],
  ["POST", "faults/1/release", {}],
  ["GET", "clock"],
  ["POST", "clock", { advance: 1 }],
  ["POST", "seed", { applications: {} }],
  ["POST", "containers/x/exit", { code: 1 }],
  ["POST", "reset", { confirm: true }],
  ["POST", "lease"],
];

/** With headers that `fetch` does not let one choose. */
function statusFor(server: ControlledServer, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { host: hostname, port } = { host: "127.0.0.1", port: server.port };
    const all = { Authorization: `Bearer ${server.control?.token}`, ...headers };
    request({ hostname, port, path: "/_tutum/state", headers: all }, answer => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test.each(EVERYTHING.map(([method, path, body]) => ({ method, path, body })))(
  "$method $path needs the token, and the API key is not it",
  async ({ method, path, body }) => {
    const server = await startControlled();
    for (const Authorization of ["", "Bearer wrong", "ApiKey admin:secret-key", "Bearer secret-key"]) {
      const answer = await server.ask(method, path, body, { Authorization });
      expect([answer.status, answer.text]).toEqual([401, ""]);
    }
  },
);

test("the control API's token is no API key, and its calls are not in the journal", async () => {
  const server = await startControlled();
  await server.ask("GET", "health");
  expect(server.requests).toEqual([]);
  const Authorization = `Bearer ${server.control?.token}`;
  expect((await server.call("GET", ROOT, undefined, { Authorization })).status).toBe(401);
});

test("it is off unless asked for; on a data folder the commands have what they need", async () => {
  const without = await startTestServer();
  expect(without.control).toBeUndefined();
  expect((await without.call("GET", "/_tutum/health")).status).toBe(404);

  const onFolder = await startTestServer({ dataDir: join(temporaryFolder(), "data") });
  const statuses = EVERYTHING.map(
    async ([method, path]) => [path, (await onFolder.call(method, `/_tutum/${path}`)).status] as const,
  );
  const there = (await Promise.all(statuses)).filter(([, status]) => status !== 404);
  expect(there.map(([path]) => path)).toEqual(["state", "reset", "lease"]);
});

test.each([
  [{}, 200],
  [{ Host: "localhost:1" }, 200],
  [{ Host: "tutum.example.com" }, 400],
  [{ Origin: "http://localhost:8080" }, 200],
  [{ Origin: "https://example.com" }, 403],
  [{ Origin: "null" }, 403],
  [{ "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors" }, 403],
  [{ "Sec-Fetch-Site": "same-origin" }, 200],
])("with %j the status is %d", async (headers, status) => {
  const server = await startControlled();
  expect(await statusFor(server, headers as unknown as Record<string, string>)).toBe(status);
});

test("a server that listens everywhere still wants a Host of the loopback for its control API", async () => {
  const server = await startServer({ host: "0.0.0.0", apikey: "a-key-of-one-s-own", control: true });
  atEnd(() => server.close());
  const controlled = server as unknown as ControlledServer;
  expect(await statusFor(controlled, { Host: "127.0.0.1" })).toBe(200);
  expect(await statusFor(controlled, { Host: "evil.example.com" })).toBe(400);
});

test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])(
  "a POST as %s, which a foreign page could send, is 415",
  async type => {
    const server = await startControlled();
    await server.create(HELLO);
    const answer = await server.ask("POST", "reset", { confirm: true }, { "Content-Type": type });
    expect(answer.status).toBe(415);
    expect((await server.ask("GET", "state")).body).toMatchObject({ applications: { Starting: 1 } });
  },
);

test("reset wants to be confirmed, and then removes everything", async () => {
  const server = await startControlled();
  await server.create(HELLO);
  await server.call("POST", "/api/v1/image/", { name: "quay.io/me/app" });
  for (const body of [{}, { confirm: "yes" }, { confirm: false }]) {
    expect((await server.ask("POST", "reset", body)).status).toBe(400);
  }
  expect((await server.ask("POST", "reset", { confirm: true })).body).toEqual({ removed: 1 });
  for (const list of [ROOT, "/api/v1/container/", "/api/v1/image/"]) {
    expect(await server.get(list)).toMatchObject({ meta: { total_count: 0 } });
  }
});

test("health, ready and state tell how the server is", async () => {
  const server = await startControlled();
  await server.deploy({ ...HELLO, target_num_containers: 2 });
  await server.create(HELLO);
  expect((await server.ask("GET", "health")).body).toMatchObject({ status: "ok", pid: process.pid });
  expect((await server.ask("GET", "ready")).body).toEqual({
    status: "ready",
    backend: "3 simulated containers",
    storage: "ok",
  });
  expect((await server.ask("GET", "state")).body).toEqual({
    pid: process.pid,
    control: true,
    applications: { Running: 1, Starting: 1 },
    containers: { Running: 2, Starting: 1 },
    leases: 0,
  });
});

test("the journal can be read and emptied; keys and values of environment variables are masked", async () => {
  const server = await startControlled();
  await server.create({ ...HELLO, container_envvars: [{ key: "PASSWORD", value: "canary" }] });
  await server.call("POST", "/api/v1/image/", { name: "me/app", username: "me", password: "canary" });
  await fetch(`${server.url}${ROOT}?username=admin&api_key=canary`);
  const { body, text } = await server.ask<{ requests: object[] }>("GET", "requests");
  expect(body.requests).toMatchObject([{ status: 202 }, { status: 202 }, { status: 401 }]);
  expect(text).not.toContain("canary");
  expect((await server.ask("DELETE", "requests")).body).toEqual({ forgotten: 3 });
  expect((await server.ask("GET", "requests")).body).toEqual({ requests: [] });
});

test("a container's process dies when told to, and the policies apply before the answer", async () => {
  const server = await startControlled();
  const { containers } = await server.deploy({ ...HELLO, autorestart: "ON_FAILURE" });
  const uuid = containers[0]?.split("/")[4] as string;
  const answer = await server.ask<Container>("POST", `containers/${uuid}/exit`, { code: 3 });
  expect(answer.body).toMatchObject({
    state: "Starting",
    exit_code: 3,
    exit_code_msg: "Exit code 3 (Error)",
  });
  await server.settle();
  await server.exitContainer(uuid, 0);
  expect(await server.get(containers[0] as string)).toMatchObject({ state: "Stopped", exit_code: 0 });
});

test.each([
  ["00000000-0000-0000-0000-000000000000", { code: 1 }, 404],
  ["", { code: 256 }, 400],
  ["", { code: "1" }, 400],
  ["", {}, 400],
])("no process %s dies with %j: %d", async (unknown, body, status) => {
  const server = await startControlled();
  const { containers } = await server.deploy(HELLO);
  const uuid = unknown || containers[0]?.split("/")[4];
  expect((await server.ask("POST", `containers/${uuid}/exit`, body)).status).toBe(status);
  expect(await server.get(containers[0] as string)).toMatchObject({ state: "Running" });
});

test("only a running container's process can die", async () => {
  const server = await startControlled();
  const { containers } = await server.create(HELLO);
  const path = `containers/${containers[0]?.split("/")[4]}/exit`;
  const answer = await server.ask<ErrorBody>("POST", path, { code: 1 });
  expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("it is Starting")]);
});

test("a virtual clock moves when told to, with all that is due, also when changes go to disk", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startServer({ dataDir, control: true, virtualClock: true });
  atEnd(() => server.close());
  const headers = { Authorization: `Bearer ${server.control?.token}`, "Content-Type": "application/json" };
  const clock = async (body?: object) => {
    const init = { headers, ...(body ? { method: "POST", body: JSON.stringify(body) } : {}) };
    return (await fetch(`${server.control?.url}clock`, init)).json() as Promise<{
      now: string;
      virtual: true;
    }>;
  };
  const before = await clock();
  expect(before.virtual).toBe(true);
  const api = { Authorization: `ApiKey ${server.user}:${server.apikey}`, "Content-Type": "application/json" };
  const body = JSON.stringify({ ...HELLO, target_num_containers: 5 });
  const created = await fetch(server.url + ROOT, { method: "POST", headers: api, body });
  const { resource_uri } = (await created.json()) as { resource_uri: string };
  const after = await clock({ advance: 3_600_000 });
  expect(Date.parse(after.now) - Date.parse(before.now)).toBe(3_600_000);
  const application = await (await fetch(server.url + resource_uri, { headers: api })).json();
  expect(application).toMatchObject({ state: "Running", running_num_containers: 5 });
});

test("real time cannot be moved", async () => {
  const server = await startServer({ control: true });
  atEnd(() => server.close());
  const answer = await fetch(`${server.control?.url}clock`, {
    method: "POST",
    headers: { Authorization: `Bearer ${server.control?.token}`, "Content-Type": "application/json" },
    body: '{"advance":1000}',
  });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toEqual({ error: expect.stringContaining("--virtual-clock") });
});

test("metrics count requests by route and status, objects by state, and the journal's syncs", async () => {
  const server = await startControlled({ dataDir: join(temporaryFolder(), "data") });
  const { resource_uri } = await server.create(HELLO);
  await server.get(resource_uri);
  await server.call("GET", "/api/v1/nothing/");
  await server.call("GET", "/api/v1/nowhere/");
  const { text } = await fetch(`${server.control?.url}metrics`, {
    headers: { Authorization: `Bearer ${server.control?.token}` },
  }).then(async answer => ({ text: await answer.text() }));
  expect(text).toContain('tutum_requests_total{method="POST",route="/api/v1/application/",status="202"} 1\n');
  expect(text).toContain(
    'tutum_requests_total{method="GET",route="/api/v1/application/:uuid/",status="200"} 1\n',
  );
  expect(text).toContain('tutum_requests_total{method="GET",route="none",status="404"} 2\n');
  expect(text).toContain(
    'tutum_request_duration_seconds_count{method="POST",route="/api/v1/application/"} 1\n',
  );
  expect(text).toContain('tutum_applications{state="Starting"} 1\n');
  expect(text).toContain('tutum_containers{state="Starting"} 1\n');
  expect(text).toMatch(/tutum_journal_bytes [1-9]\d*\n/);
  expect(text).toMatch(/tutum_journal_syncs_total [1-9]\d*\n/);
  expect(text).toContain("process_resident_memory_bytes");
});

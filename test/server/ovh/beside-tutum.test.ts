/** What the two APIs share: data folder, clock, recorded requests, faults and control; and where OVH's is refused. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { startServer } from "../../../server/index";
import { atEnd, temporaryFolder } from "../harness";
import { startOvh, told } from "./ovh-server";

const ZONE = "/domain/zone/example.org";

test("there is no listener, no folder and no variable without it", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startServer({ dataDir });
  atEnd(() => server.close());
  expect(server.guests).toEqual({});
  expect(readdirSync(dataDir).filter(name => /ovh/.test(name))).toEqual([]);
});

test("it is refused with real containers, and where others reach the server", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const key = "k".repeat(20);
  for (const options of [
    { backend: "docker" as const, dataDir },
    { backend: "swarm" as const, dataDir },
    { host: "0.0.0.0", apikey: key },
    { allowHosts: ["tutum.example.com"], apikey: key },
    { trustProxy: ["10.0.0.1"], apikey: key },
  ]) {
    await expect(startServer({ with: ["ovh"], ...options })).rejects.toThrow(
      /^"ovh" is a simulated API for tests: it cannot be served (next to real containers|where others can connect)/,
    );
  }
});

test("all of it is there after a restart: port, keys, records, bursts, keys of others", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = await startOvh({ dataDir });
  const { body } = await first.call("POST", `${ZONE}/record`, {
    fieldType: "A",
    subDomain: "www",
    target: "192.0.2.3",
  });
  await first.call("PUT", "/dedicated/server/ns3.ip-192-0-2.eu/burst", { status: "active" });
  const { consumerKey, validationUrl } = await first.ask([{ method: "GET", path: "/me" }]);
  await first.answer(validationUrl);
  await first.server.close();

  const second = await startOvh({ dataDir, clock: first.clock });
  expect(second.server.guests.ovh).toEqual(first.server.guests.ovh);
  expect(await second.get(`${ZONE}/record/${body.id}`)).toEqual(body);
  expect(await second.get("/dedicated/server/ns3.ip-192-0-2.eu/burst")).toMatchObject({ status: "active" });
  expect((await second.call("GET", "/me", undefined, { keys: { consumer: consumerKey } })).status).toBe(200);
});

test("clients find keys and endpoint in an ovh.conf that is its user's alone", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const { server, origin, keys } = await startOvh({ dataDir });
  const file = server.guests.ovh?.environment.OVH_CONFIG_FILE ?? "";
  expect(file).toBe(join(dataDir, "ovh.conf"));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8").split("\n")).toEqual([
    "[default]",
    `endpoint=${origin}/1.0`,
    "",
    `[${origin}/1.0]`,
    `application_key=${keys.application}`,
    `application_secret=${keys.secret}`,
    `consumer_key=${keys.consumer}`,
    "",
  ]);
});

test("when the server's own key was logged out, the next start has another", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = await startOvh({ dataDir });
  await first.call("POST", "/auth/logout");
  await first.server.close();
  const second = await startOvh({ dataDir, clock: first.clock });
  expect(second.keys).toEqual({ ...first.keys, consumer: expect.not.stringMatching(first.keys.consumer) });
  expect((await second.call("GET", "/me")).status).toBe(200);
});

test("recorded requests name the API, the application and known fields, and hold no secret", async () => {
  const { server, call, ask, answer, keys } = await startOvh();
  await call("POST", `${ZONE}/record`, {
    fieldType: "CNAME",
    subDomain: "www",
    target: "web.example.net.",
    ttl: 60,
  });
  await call("POST", `${ZONE}/record`, { fieldType: "TXT", subDomain: "", target: "canary text", ttl: 60 });
  await call("PUT", "/me", { city: "canary city" });
  await call("GET", `${ZONE}/record?fieldType=A&token=canary-token`);
  await call("GET", "/me", undefined, { keys: { consumer: "canary-consumer" } });
  await call("GET", "/me", undefined, { keys: { application: "canary-application" } });
  const { consumerKey, validationUrl } = await ask([{ method: "GET", path: "/me" }], {
    redirection: "https://example.org/?canary",
  });
  await answer(validationUrl);
  expect(
    server.requests.map(({ api, method, path, status, authorizationUser, body }) => [
      api,
      method,
      path,
      status,
      authorizationUser === keys.application ? "own" : authorizationUser,
      body,
    ]),
  ).toEqual([
    [
      "ovh",
      "POST",
      `/1.0${ZONE}/record`,
      200,
      "own",
      { fieldType: "CNAME", subDomain: "www", target: "web.example.net.", ttl: 60 },
    ],
    [
      "ovh",
      "POST",
      `/1.0${ZONE}/record`,
      200,
      "own",
      { fieldType: "TXT", subDomain: "", target: "canary text", ttl: 60 },
    ],
    ["ovh", "PUT", "/1.0/me", 200, "own", { "(unknown fields)": 1 }],
    ["ovh", "GET", `/1.0${ZONE}/record`, 200, "own", null],
    ["ovh", "GET", "/1.0/me", 403, "own", null],
    ["ovh", "GET", "/1.0/me", 403, "***", null],
    [
      "ovh",
      "POST",
      "/1.0/auth/credential",
      200,
      "own",
      {
        accessRules: [{ method: "GET", path: "/me" }],
        redirection: expect.stringMatching(/^\(a text/),
        allowedIPs: undefined,
      },
    ],
  ]);
  const all = JSON.stringify(server.requests);
  const token = validationUrl.split("=")[1] ?? "";
  for (const secret of [keys.secret, keys.consumer, consumerKey, token, "canary-", "$1$", "canary city"])
    expect(all).not.toContain(secret);
});

test("a request with a wrong signature leaves neither query nor body in the records", async () => {
  const { server, call } = await startOvh();
  await call("PUT", "/me?status=canary", { subDomain: "canary" }, { signed: { body: "" } });
  expect(server.requests).toEqual([expect.objectContaining({ status: 400, query: {}, body: null })]);
});

test("a fault rule that names the API leaves Tutum's alone", async () => {
  const { server, call } = await startOvh();
  server.faults.add({ api: "ovh", path: "/1.0/domain/**", answer: { status: 403, body: { message: "no" } } });
  expect(told(await call("POST", `${ZONE}/refresh`))).toEqual([403, { message: "no" }]);
  expect((await call("GET", "/me")).status).toBe(200);
  const tutum = await fetch(`${server.url}/api/v1/application/`, {
    headers: { Authorization: `ApiKey ${server.user}:${server.apikey}` },
  });
  expect(tutum.status).toBe(200);
});

test("a reset makes the account as new; the keys stay", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const { server, get, call, ask } = await startOvh({ dataDir, control: true });
  const { body } = await call("POST", `${ZONE}/record`, { fieldType: "TXT", target: "canary-7" });
  await call("PUT", "/me", { city: "Brest" });
  await ask([{ method: "GET", path: "/me" }]);
  const control = (method: string, path: string, sent?: object) =>
    fetch(`${server.control?.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${server.control?.token}`, "Content-Type": "application/json" },
      body: sent && JSON.stringify(sent),
    });
  expect(await (await control("GET", "state")).json()).toMatchObject({
    ovh: { zones: 1, records: 4 },
    applications: {},
  });
  expect((await control("POST", "reset", { confirm: true })).status).toBe(200);
  expect(await get("/me")).toMatchObject({ city: "Roubaix" });
  expect((await call("GET", `${ZONE}/record/${body.id}`)).status).toBe(404);
  expect(await get("/me/api/credential")).toEqual([1]);
  const files = readdirSync(join(dataDir, "ovh")).map(name =>
    readFileSync(join(dataDir, "ovh", name), "utf8"),
  );
  expect(files.join()).not.toContain("canary-7");
});

test("the API describes itself, each endpoint once", async () => {
  const { origin } = await startOvh();
  const document = (await (await fetch(`${origin}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, object>;
  };
  expect(document.openapi).toBe("3.1.0");
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  );
  expect(operations.sort()).toEqual(
    [
      "GET /1.0/auth/currentCredential",
      "GET /1.0/auth/time",
      "POST /1.0/auth/credential",
      "POST /1.0/auth/logout",
      "GET /1.0/dedicated/server",
      "GET /1.0/dedicated/server/{id}",
      "PUT /1.0/dedicated/server/{id}",
      "GET /1.0/dedicated/server/{id}/burst",
      "PUT /1.0/dedicated/server/{id}/burst",
      "GET /1.0/domain/zone",
      "GET /1.0/domain/zone/{zone}",
      "GET /1.0/domain/zone/{zone}/export",
      "GET /1.0/domain/zone/{zone}/record",
      "POST /1.0/domain/zone/{zone}/record",
      "GET /1.0/domain/zone/{zone}/record/{id}",
      "PUT /1.0/domain/zone/{zone}/record/{id}",
      "DELETE /1.0/domain/zone/{zone}/record/{id}",
      "POST /1.0/domain/zone/{zone}/refresh",
      "GET /1.0/instance",
      "GET /1.0/me",
      "PUT /1.0/me",
      "GET /1.0/me/api/application",
      "GET /1.0/me/api/application/{id}",
      "GET /1.0/me/api/credential",
      "GET /1.0/me/api/credential/{id}",
      "DELETE /1.0/me/api/credential/{id}",
      "GET /1.0/me/bill",
      "GET /1.0/me/bill/{id}",
    ].sort(),
  );
  expect((await fetch(`${origin}/docs/`)).headers.get("Content-Type")).toMatch(/text\/html/);
});

/** Under which names a server is reached, from whose pages, and what a proxy in front changes of that. */
import { request } from "node:http";
import Fastify from "fastify";
import { createOriginGuard } from "../../../../server/host/http/origin-guard";
import { createPeers } from "../../../../server/host/http/peers";
import { trustedProxies } from "../../../../server/host/http/trusted-proxies";
import type { Logger } from "../../../../server/host/ports/logger";
import { startServer } from "../../../../server/index";
import { startControlled } from "../../control-api";
import { startTestServer, temporaryFolder } from "../../harness";

const ROOT = "/api/v1/application/";
const KEY = "a-key-of-one-s-own";

interface Guarded {
  host: string;
  names?: string[];
  trusted?: string[];
}

/** What a server on `host` answers to these headers. */
async function answer({ host, names = [], trusted = [] }: Guarded, headers: Record<string, string>) {
  const app = Fastify();
  const guard = createOriginGuard(host, names, createPeers(trustedProxies(trusted)));
  app.addHook("onRequest", async asked => guard(asked));
  app.get("/", async () => "");
  const { statusCode, body } = await app.inject({ url: "/", headers });
  return { statusCode, body };
}

const status = async (guarded: Guarded, headers: Record<string, string>) =>
  (await answer(guarded, headers)).statusCode;

/** With a Host of one's choice, which `fetch` doesn't let one have. */
function ask(port: number, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers, agent: false }, response => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test.each([
  ["fd00::1", "[fd00::1]:8080", 200],
  ["fd00::1", "[FD00:0:0::1]", 200],
  ["fd00::1", "[fd00::2]:8080", 400],
  ["[fd00::1]", "[fd00::1]", 200],
  ["fe80::1%eth0", "[fe80::1]:8080", 200],
  ["::1", "[::1]:1", 200],
  ["127.0.0.1", "[::1]:1", 200],
  ["127.0.0.1", "LOCALHOST.:80", 200],
  ["127.0.0.1", "127.0.0.2", 200],
  ["127.0.0.1", "evil.example.com", 400],
  ["127.0.0.1", "127.0.0.1.evil.example.com", 400],
  ["127.0.0.1", "127.0.0.1@evil.example.com", 400],
  ["127.0.0.1", "evil.example.com@127.0.0.1", 400],
  ["127.0.0.1", "app.tutum.co", 400],
  ["10.9.9.9", "10.9.9.9:8080", 200],
  ["10.9.9.9", "10.9.9.8:8080", 400],
  ["server.local", "Server.Local.:8080", 200],
])("a server on %s answers to Host %s with %d", async (host, Host, expected) => {
  expect(await status({ host }, { Host })).toBe(expected);
});

test.each(["0.0.0.0", "::", "[::]"])(
  "a server on %s, every address, answers to addresses and to names it was given, not to others",
  async host => {
    const guarded = { host, names: ["tutum.example.com"] };
    for (const Host of ["10.1.2.3:8080", "[2001:db8::1]", "localhost", "Tutum.Example.com:443"])
      expect([Host, await status(guarded, { Host })]).toEqual([Host, 200]);
    for (const Host of ["evil.example.com", "sub.tutum.example.com", "10.1.2.3.evil.example.com"])
      expect([Host, await status(guarded, { Host })]).toEqual([Host, 400]);
  },
);

test("who asks for a name that the server was not given is told how to give it", async () => {
  expect((await answer({ host: "0.0.0.0" }, { Host: "Tutum.Example.com:8080" })).body).toContain(
    "start it with --allow-host tutum.example.com.",
  );
});

test.each([
  ["http://10.1.2.3:8080", 200],
  ["https://10.1.2.3", 200],
  ["https://tutum.example.com", 200],
  ["http://10.1.2.4:8080", 403],
  ["http://localhost:3000", 403],
  ["http://evil.example.com", 403],
  ["null", 403],
  ["file://10.1.2.3", 403],
  ["http://10.1.2.3@evil.example.com", 403],
])("on every address, a page of %s calls 10.1.2.3 with %d", async (Origin, expected) => {
  const guarded = { host: "0.0.0.0", names: ["tutum.example.com"] };
  expect(await status(guarded, { Host: "10.1.2.3:8080", Origin })).toBe(expected);
});

test("a trusted proxy's word on the Host is taken, nobody else's", async () => {
  const names = ["tutum.example.com"];
  const own = { Host: "127.0.0.1:1", "X-Forwarded-Host": "tutum.example.com" };
  const Origin = "https://tutum.example.com";
  const trusting = { host: "127.0.0.1", trusted: ["127.0.0.1"] };
  expect(await status({ ...trusting, names }, { ...own, Origin })).toBe(200);
  expect(await status(trusting, own)).toBe(400);
  expect(await status({ host: "127.0.0.1" }, { ...own, Origin })).toBe(403);
});

test("the address that variables name by default is no name of the server", async () => {
  const server = await startTestServer();
  const headers = { Host: "app.tutum.co", Authorization: "ApiKey admin:secret-key" };
  expect(await ask(server.port, ROOT, headers)).toBe(400);
});

test("a server is reached under a name given with allowHosts, and on an IPv6 address", async () => {
  const named = await startServer({ apikey: KEY, allowHosts: ["tutum.example.com"] });
  const Authorization = `ApiKey admin:${KEY}`;
  expect(await ask(named.port, ROOT, { Host: "tutum.example.com", Authorization })).toBe(200);
  expect(await ask(named.port, ROOT, { Host: "other.example.com", Authorization })).toBe(400);
  await named.close();
  const six = await startServer({ apikey: KEY, host: "[::1]" });
  expect(six.url).toBe(`http://[::1]:${six.port}`);
  expect((await fetch(six.url + ROOT, { headers: { Authorization } })).status).toBe(200);
  await six.close();
});

test("a key that others can try has at least 16 characters", async () => {
  for (const options of [
    { host: "0.0.0.0" },
    { allowHosts: ["tutum.example.com"] },
    { trustProxy: ["127.0.0.1"] },
  ]) {
    const started = startServer({ ...options, apikey: "x".repeat(15) });
    await expect(started).rejects.toThrow("at least 16 characters, as `openssl rand -hex 20` makes them");
    await (await startServer({ ...options, apikey: "x".repeat(16) })).close();
  }
  await (await startServer({ apikey: "x" })).close();
});

describe("through a trusted proxy", () => {
  const through = (client: string, key: string) => ({
    Host: "127.0.0.1",
    "X-Forwarded-For": client,
    Authorization: `ApiKey admin:${key}`,
  });

  test("who guesses is counted by address, and holds up nobody else and no right credentials", async () => {
    const server = await startServer({ apikey: KEY, trustProxy: ["127.0.0.1"] });
    const guess = (client: string) => ask(server.port, ROOT, through(client, "wrong"));
    const statuses = await Promise.all(Array.from({ length: 15 }, () => guess("203.0.113.9")));
    expect(statuses.filter(code => code === 429)).toHaveLength(5);
    expect(await guess("203.0.113.10")).toBe(401);
    expect(await ask(server.port, ROOT, through("203.0.113.9", KEY))).toBe(200);
    // What a client writes in front of its own address changes nothing.
    expect(await guess("198.51.100.1, 203.0.113.9")).toBe(429);
    await server.close();
  });

  test("nobody else's X-Forwarded-For is believed", async () => {
    const server = await startServer({ apikey: KEY });
    const guesses = Array.from({ length: 15 }, (_, n) =>
      ask(server.port, ROOT, through(`203.0.113.${n}`, "wrong")),
    );
    expect((await Promise.all(guesses)).filter(code => code === 429)).toHaveLength(5);
    await server.close();
  });

  test("the log has the client's address", async () => {
    const lines: object[] = [];
    const note = (fields: object) => void lines.push(fields);
    const logger: Logger = { info: note, warn: note, error: note };
    const server = await startServer({ apikey: KEY, trustProxy: ["127.0.0.1"], logger });
    await ask(server.port, ROOT, through("203.0.113.9", KEY));
    await server.close();
    expect(lines).toContainEqual(expect.objectContaining({ client: "203.0.113.9", path: ROOT, status: 200 }));
  });
});

describe("the control API", () => {
  const headers = (token: string | undefined, more: Record<string, string> = {}) => ({
    Host: "127.0.0.1",
    Authorization: `Bearer ${token}`,
    ...more,
  });

  test.each<Record<string, string>>([
    { "X-Forwarded-For": "203.0.113.9" },
    { "X-Forwarded-Proto": "https" },
    { "X-Forwarded-Host": "127.0.0.1" },
    { "X-Real-IP": "127.0.0.1" },
    { Forwarded: "for=127.0.0.1" },
    { Via: "1.1 caddy" },
    { Host: "tutum.example.com" },
  ])("does not exist for who comes by a proxy, with the token or without: %j", async more => {
    const server = await startControlled({ allowHosts: ["tutum.example.com"], apikey: KEY });
    for (const token of [server.control?.token, "wrong"]) {
      expect(await ask(server.port, "/_tutum/state", headers(token, more))).toBe(404);
    }
    expect(await ask(server.port, "/_tutum/state", headers(server.control?.token))).toBe(200);
  });

  test("is there for the commands where a proxy of this machine is trusted; without the token there is nothing", async () => {
    const server = await startControlled({ trustProxy: ["127.0.0.1"], apikey: KEY });
    expect(await ask(server.port, "/_tutum/state", headers(server.control?.token))).toBe(200);
    expect(await ask(server.port, "/_tutum/state", headers("wrong"))).toBe(404);
  });

  test("limits guesses of its token, and never the right one", async () => {
    const server = await startControlled();
    const guesses = Array.from({ length: 15 }, (_, n) => ask(server.port, "/_tutum/state", headers(`${n}`)));
    const statuses = await Promise.all(guesses);
    expect(statuses.filter(code => code === 429)).toHaveLength(5);
    expect(await ask(server.port, "/_tutum/state", headers(server.control?.token))).toBe(200);
  });

  test("has no empty token", async () => {
    const { mkdirSync, writeFileSync, readFileSync } = await import("node:fs");
    const dataDir = `${temporaryFolder()}/data`;
    await (await startTestServer({ dataDir })).close();
    mkdirSync(dataDir, { recursive: true });
    const file = `${dataDir}/settings.json`;
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), controlToken: "" }));
    const started = await startTestServer({ dataDir }).catch((error: Error) => error);
    // Either it does not start, or nobody without a token comes in.
    if (started instanceof Error) return;
    for (const token of ["", "x"])
      expect(await ask(started.port, "/_tutum/state", headers(token))).toBeGreaterThanOrEqual(401);
  });
});

import type { FaultRule } from "../../../../server/index";
import { until } from "../../../until";
import { startControlled } from "../../control-api";
import { startTestServer, type TestServer } from "../../harness";

const ROOT = "/api/v1/application/";
const HELLO = { image: "tutum/hello-world" };

/** How many applications there are, seen without going through the rules. */
async function applications(server: TestServer): Promise<number> {
  server.faults.clear();
  return (await server.get<{ meta: { total_count: number } }>(ROOT)).meta.total_count;
}

const create = (server: TestServer) => server.call("POST", ROOT, HELLO);

test("an answer in place of the real one: status, Retry-After, body; nothing was created", async () => {
  const server = await startTestServer();
  server.faults.add({ answer: { status: 503, retryAfter: 7, body: { error: "busy" } } });
  const answer = await create(server);
  expect([answer.status, answer.body]).toEqual([503, { error: "busy" }]);
  expect(answer.headers.get("retry-after")).toBe("7");
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await applications(server)).toBe(0);
});

test("an answer without body has none, and a text is sent as it is", async () => {
  const server = await startTestServer();
  server.faults.add({ times: 1, answer: { status: 429, retryAfter: "Sun, 06 Apr 2014 17:59:42 GMT" } });
  const empty = await create(server);
  expect([empty.status, empty.text, empty.headers.get("content-type")]).toEqual([429, "", null]);
  expect(empty.headers.get("retry-after")).toBe("Sun, 06 Apr 2014 17:59:42 GMT");
  server.faults.add({ times: 1, answer: { status: 200, body: '{"meta":' } });
  const broken = await fetch(server.url + ROOT, { headers: { Authorization: "ApiKey admin:secret-key" } });
  expect(await broken.text()).toBe('{"meta":');
});

test("a proxy's page, after the change was made all the same", async () => {
  const server = await startTestServer();
  server.faults.add({ method: "POST", answer: { status: 502, html: true, when: "after" } });
  const answer = await fetch(server.url + ROOT, {
    method: "POST",
    headers: { Authorization: "ApiKey admin:secret-key", "Content-Type": "application/json" },
    body: JSON.stringify(HELLO),
  });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([502, "text/html"]);
  expect(await answer.text()).toContain("<h1>502 Bad Gateway</h1>");
  expect(await applications(server)).toBe(1);
});

test.each([
  ["before", 0],
  ["after", 1],
] as const)("a connection dropped %s the change leaves %d applications", async (drop, left) => {
  const server = await startTestServer();
  server.faults.add({ drop });
  await expect(create(server)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
  expect(await applications(server)).toBe(left);
});

test("a cut answer says how long it is and ends too early; the change was made", async () => {
  const server = await startTestServer();
  server.faults.add({ cut: 20 });
  const answer = await fetch(server.url + ROOT, {
    method: "POST",
    headers: { Authorization: "ApiKey admin:secret-key", "Content-Type": "application/json" },
    body: JSON.stringify(HELLO),
  });
  expect(answer.status).toBe(202);
  expect(Number(answer.headers.get("content-length"))).toBeGreaterThan(500);
  const received: Uint8Array[] = [];
  const reading = async () => {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) received.push(chunk);
  };
  await expect(reading()).rejects.toThrow();
  expect(Buffer.concat(received).length).toBe(20);
  expect(await applications(server)).toBe(1);
});

test.each([
  ["before", 0],
  ["after", 1],
] as const)(
  "a request held %s the change leaves %d applications until it is released",
  async (hold, early) => {
    const server = await startTestServer();
    const id = server.faults.add({ method: "POST", hold });
    let answered = false;
    const answer = create(server).finally(() => {
      answered = true;
    });
    await until(() => server.faults.list()[0]?.held === 1);
    expect(await server.get(ROOT)).toMatchObject({ meta: { total_count: early } });
    expect(answered).toBe(false);
    expect(server.faults.release(id)).toBe(1);
    expect((await answer).status).toBe(202);
    expect(server.faults.list()).toEqual([]);
    expect(await applications(server)).toBe(1);
  },
);

test("the end of the server lets go what is held", async () => {
  const server = await startTestServer();
  server.faults.add({ hold: "before" });
  const answer = create(server);
  await until(() => server.faults.list()[0]?.held === 1);
  await server.close();
  expect((await answer).status).toBe(202);
});

test("latency is time of the server's clock", async () => {
  const server = await startTestServer();
  server.faults.add({ latency: 5_000 });
  let answered = false;
  const answer = server.get(ROOT).finally(() => {
    answered = true;
  });
  await until(() => server.faults.list()[0]?.applied === 1);
  await server.clock.advance(4_999);
  expect(answered).toBe(false);
  await server.clock.advance(1);
  await answer;
});

test.each<[FaultRule, string[]]>([
  [{ method: "GET" }, ["list", "get", "containers"]],
  [{ method: "post", path: "/api/v1/application" }, ["create"]],
  [{ path: "/api/v1/application/*" }, ["get", "update"]],
  [{ path: "/api/v1/application/*/" }, ["get", "update"]],
  [{ path: "/api/v1/application/*/stop/" }, ["stop"]],
  [{ path: "/api/v1/application/**" }, ["list", "create", "get", "update", "stop"]],
  [{ path: "/**" }, ["list", "create", "get", "update", "stop", "containers"]],
  [{ path: "/other/**" }, []],
])("rule %j is about %j", async (rule, expected) => {
  const server = await startTestServer();
  const { resource_uri } = await server.deploy(HELLO);
  server.faults.add({ ...rule, answer: { status: 599 } });
  const calls: Record<string, [string, string, object?]> = {
    list: ["GET", `${ROOT}?limit=1`],
    create: ["POST", ROOT, HELLO],
    get: ["GET", resource_uri],
    update: ["PATCH", resource_uri, {}],
    stop: ["POST", `${resource_uri}stop/`],
    containers: ["GET", "/api/v1/container/"],
  };
  const hit: string[] = [];
  for (const [name, call] of Object.entries(calls)) {
    if ((await server.call(...call)).status === 599) hit.push(name);
  }
  expect(hit).toEqual(expected);
});

test("a rule ends after so many times, and of several the first one added is applied", async () => {
  const server = await startTestServer();
  server.faults.add({ times: 2, answer: { status: 500 } });
  server.faults.add({ times: 1, answer: { status: 504 } });
  const statuses: number[] = [];
  for (let call = 0; call < 4; call++) statuses.push((await server.call("GET", ROOT)).status);
  expect(statuses).toEqual([500, 500, 504, 200]);
  expect(server.faults.list().map(({ applied }) => applied)).toEqual([2, 1]);
});

test("a probability chooses the same requests each time, others with another seed", async () => {
  const run = async (seed?: number) => {
    const server = await startTestServer();
    server.faults.add({ probability: 0.3, seed, answer: { status: 500 } });
    const statuses: number[] = [];
    for (let call = 0; call < 40; call++) statuses.push((await server.call("GET", ROOT)).status);
    return statuses;
  };
  const [first, again, other] = [await run(), await run(), await run(2)];
  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
  const share = first.filter(status => status === 500).length;
  expect(share).toBeGreaterThan(4);
  expect(share).toBeLessThan(24);
});

test("wrong credentials are told without faults, and the journal notes which rule was applied", async () => {
  const server = await startTestServer();
  const id = server.faults.add({ method: "GET", answer: { status: 500 } });
  expect((await server.call("GET", ROOT, undefined, { Authorization: "" })).status).toBe(401);
  await server.call("GET", ROOT);
  await create(server);
  expect(server.requests).toMatchObject([{ status: 401 }, { status: 500, fault: id }, { status: 202 }]);
  expect(server.requests.map(({ fault }) => fault)).toEqual([undefined, id, undefined]);
});

test("rules can be added, read, released and removed from outside", async () => {
  const server = await startControlled();
  const rule = { method: "GET", path: "/api/v1/container/", hold: "before" };
  const { status, body } = await server.ask<{ id: string }>("POST", "faults", rule);
  expect(status).toBe(201);
  const held = server.call("GET", "/api/v1/container/");
  await until(() => server.faults.list()[0]?.held === 1);
  expect((await server.ask("GET", "faults")).body).toEqual({
    faults: [{ id: body.id, rule, applied: 1, held: 1 }],
  });
  expect((await server.ask("POST", `faults/${body.id}/release`, {})).body).toEqual({ released: 1 });
  expect((await held).status).toBe(200);
  expect((await server.ask("POST", `faults/${body.id}/release`, {})).status).toBe(404);
  await server.ask("POST", "faults", { drop: "before" });
  expect((await server.ask("DELETE", "faults")).body).toEqual({ removed: 1 });
  expect((await server.call("GET", ROOT)).status).toBe(200);
});

test.each([
  [{ method: 1 }, "body/method must be string"],
  [{ path: "api" }, 'body/path must match pattern "^/"'],
  [{ times: 0 }, "body/times must be >= 1"],
  [{ probability: 2 }, "body/probability must be <= 1"],
  [{ drop: "now" }, "body/drop must be equal to one of the allowed values"],
  [{ answer: {} }, "body/answer must have required property 'status'"],
  [{ answer: { status: 99 } }, "body/answer/status must be >= 200"],
  [{ answer: { status: 503, retryAfter: "1\r\nX: y" } }, "body/answer/retryAfter must match pattern"],
  [{ file: "/etc/passwd" }, "body must NOT have additional properties"],
  [[], "body must be object"],
])("rule %j is refused: %s", async (rule, message) => {
  const server = await startControlled();
  const { status, body } = await server.ask("POST", "faults", rule);
  expect([status, body.error]).toEqual([400, expect.stringContaining(message)]);
  expect(server.faults.list()).toEqual([]);
});

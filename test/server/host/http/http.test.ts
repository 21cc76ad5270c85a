import { connect } from "node:net";
import { type ErrorBody, startTestServer, type TestServer } from "../../harness";

const ROOT = "/api/v1/application/";
const NOWHERE = `${ROOT}00000000-0000-0000-0000-000000000000/`;

/** What comes back for these very bytes. */
function raw(server: TestServer, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", data => {
      answer += data.toString();
    });
    socket.on("error", reject).on("close", () => resolve(answer));
  });
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

test.each([
  ["ApiKey admin:secret-key", 200],
  ["apikey admin:secret-key", 200],
  [basic("admin:secret-key"), 200],
  ["ApiKey admin:wrong", 401],
  ["ApiKey other:secret-key", 401],
  ["ApiKey admin", 401],
  ["ApiKey", 401],
  ["admin:secret-key", 401],
  ["Bearer secret-key", 401],
  [basic("admin"), 401],
  ["", 401],
])("Authorization %j is answered %d", async (Authorization, status) => {
  const server = await startTestServer();
  const answer = await server.call("GET", ROOT, undefined, { Authorization });
  expect(answer.status).toBe(status);
  if (status === 401) expect(answer.text).toBe("");
});

test("credentials may come in the query, and the journal does not keep the key", async () => {
  const server = await startTestServer();
  const url = `${server.url}${ROOT}?username=admin&api_key=`;
  expect((await fetch(`${url}secret-key`)).status).toBe(200);
  expect((await fetch(`${url}wrong`)).status).toBe(401);
  expect(server.requests[0]).toMatchObject({
    authorizationUser: "admin",
    query: { username: "admin", api_key: "***" },
  });
});

test("wrong credentials are told before anything else", async () => {
  const server = await startTestServer();
  for (const path of [NOWHERE, "/api/v1/nothing/", `${ROOT}?limit=x`]) {
    expect((await fetch(server.url + path)).status).toBe(401);
  }
});

test.each(["", "start/", "stop/", "redeploy/", "logs/"])(
  "an unknown application's %s is 404 with an empty body",
  async path => {
    const server = await startTestServer();
    const method = path === "" || path === "logs/" ? "GET" : "POST";
    const answer = await server.call(method, NOWHERE + path);
    expect([answer.status, answer.text]).toEqual([404, ""]);
  },
);

test.each([
  ["PUT", ROOT, "GET, POST"],
  ["DELETE", ROOT, "GET, POST"],
  ["POST", NOWHERE, "GET, PATCH, DELETE"],
  ["GET", `${NOWHERE}start/`, "POST"],
  ["POST", "/api/v1/container/", "GET"],
  ["PATCH", "/api/v1/container/x/", "GET, DELETE"],
  ["OPTIONS", ROOT, "GET, POST"],
])("%s %s is 405 and says what is allowed", async (method, path, allow) => {
  const server = await startTestServer();
  const answer = await server.call(method, path);
  expect([answer.status, answer.text, answer.headers.get("allow")]).toEqual([405, "", allow]);
});

test("a missing slash at the end, and any Accept header, are fine", async () => {
  const server = await startTestServer();
  const { resource_uri } = await server.create({ image: "tutum/hello-world" });
  for (const accept of ["*/*", "text/html", "application/json"]) {
    expect((await server.call("GET", resource_uri.slice(0, -1), undefined, { accept })).status).toBe(200);
  }
});

test.each(["application/json", "text/plain", "application/x-www-form-urlencoded"])(
  "an action without body may call it %s",
  async type => {
    const server = await startTestServer();
    const { resource_uri } = await server.deploy({ image: "tutum/hello-world" });
    const headers = { "Content-Type": type };
    expect((await server.call("POST", `${resource_uri}stop/`, undefined, headers)).status).toBe(202);
    await server.settle();
    expect((await server.call("DELETE", resource_uri, undefined, headers)).status).toBe(202);
  },
);

test.each<[body: string, type: string, status: number, error: string]>([
  ["{", "application/json", 400, "The request body is not valid JSON"],
  ['{"image":"hunter2"', "application/json", 400, "The request body is not valid JSON"],
  [
    '{"image":"a","__proto__":{}}',
    "application/json",
    400,
    'The request body must not have a key "__proto__".',
  ],
  ['{"image":"\\ud800"}', "application/json", 400, "holds half of a surrogate pair"],
  ["image=a", "application/x-www-form-urlencoded", 415, "The request body must be application/json."],
  ['{"image":"a"}', "text/plain", 415, "The request body must be application/json."],
  ["[".repeat(50_000), "application/json", 400, "The JSON body is nested deeper than 32 levels."],
  [`"${"a".repeat(1024 * 1024)}"`, "application/json", 413, "Request body is too large"],
])("body %.20s as %s is %d with an error", async (body, type, status, error) => {
  const server = await startTestServer();
  const answer = await server.call<ErrorBody>("POST", ROOT, body, { "Content-Type": type });
  expect(answer.status).toBe(status);
  expect(answer.body.error).toContain(error);
  expect(answer.text).not.toContain("hunter2");
  expect(answer.headers.get("content-type")).toBe("application/json");
});

test.each(["[]", '"text"', "7", "null", ""])("body %s is no application", async body => {
  const server = await startTestServer();
  const answer = await server.call("POST", ROOT, body);
  expect([answer.status, answer.body]).toEqual([
    400,
    { application: "The request body must be a JSON object." },
  ]);
});

const AUTHORIZATION = "Authorization: ApiKey admin:secret-key\r\nConnection: close";

test.each([
  ["two Host headers", "Host: localhost\r\nHost: localhost", 400],
  ["a foreign Host", "Host: evil.example.com", 400],
  ["a Host that only begins like ours", "Host: 127.0.0.1.evil.example.com", 400],
  ["a foreign Origin", "Host: localhost\r\nOrigin: http://evil.example.com", 403],
  ["our own Origin", "Host: localhost\r\nOrigin: http://localhost:1", 200],
])("%s: status", async (_name, headers, status) => {
  const server = await startTestServer();
  const answer = await raw(server, `GET ${ROOT} HTTP/1.1\r\n${headers}\r\n${AUTHORIZATION}\r\n\r\n`);
  expect(answer).toMatch(`HTTP/1.1 ${status} `);
});

test.each([
  ["no HTTP at all", "hello\r\n\r\n", 400],
  ["a header of 20 kB", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  [
    "a path that cannot be decoded",
    `GET ${ROOT}%zz/ HTTP/1.1\r\nHost: localhost\r\n${AUTHORIZATION}\r\n\r\n`,
    400,
  ],
])("%s is answered with an error in Tutum's shape", async (_name, request, status) => {
  const server = await startTestServer();
  const answer = await raw(server, request);
  expect(answer).toMatch(`HTTP/1.1 ${status} `);
  expect(JSON.parse(answer.split("\r\n\r\n")[1] as string)).toEqual({ error: expect.any(String) });
});

test("every API call is recorded with its status, secrets masked", async () => {
  const server = await startTestServer();
  const body = { image: "tutum/mysql", container_envvars: [{ key: "PASSWORD", value: "canary" }] };
  const { resource_uri } = await server.create(body);
  await server.call("GET", `${ROOT}?name=mysql`);
  await server.call("DELETE", NOWHERE, undefined, { Authorization: "ApiKey someone:else" });
  expect(server.requests).toEqual([
    {
      api: "tutum",
      method: "POST",
      path: ROOT,
      query: {},
      body: { image: "tutum/mysql", container_envvars: [{ key: "PASSWORD", value: "***" }] },
      status: 202,
      authorizationUser: "admin",
    },
    {
      api: "tutum",
      method: "GET",
      path: ROOT,
      query: { name: "mysql" },
      body: null,
      status: 200,
      authorizationUser: "admin",
    },
    {
      api: "tutum",
      method: "DELETE",
      path: NOWHERE,
      query: {},
      body: null,
      status: 401,
      authorizationUser: "***",
    },
  ]);
  server.clearRequests();
  await server.get(resource_uri);
  expect(server.requests.map(request => request.path)).toEqual([resource_uri]);
});

test("bytes that are no UTF-8 are refused, and not turned into other characters", async () => {
  const server = await startTestServer();
  const body = Buffer.from('{"name": "quay.io/me/app", "password": "\xff\xfe"}', "latin1");
  const headers = { Authorization: "ApiKey admin:secret-key", "Content-Type": "application/json" };
  const answer = await fetch(`${server.url}/api/v1/image/`, { method: "POST", headers, body });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { error: "The request body is not valid UTF-8." },
  ]);
});

test("TRACE is 405", async () => {
  const server = await startTestServer();
  const answer = await raw(server, `TRACE ${ROOT} HTTP/1.1\r\nHost: localhost\r\n${AUTHORIZATION}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 405 (.|\r\n)*Allow: GET, POST\r\n/i);
});

test("a path that is too long or cannot be decoded is not repeated", async () => {
  const server = await startTestServer();
  for (const part of ["hunter2".repeat(20), "hunter2%zz"]) {
    const answer = await server.call<ErrorBody>("GET", `${ROOT}${part}/`);
    expect(answer.status).toBe(part.endsWith("%zz") ? 400 : 414);
    expect(answer.text).not.toContain("hunter2");
  }
});

test("closing ends idle connections and frees the port", async () => {
  const server = await startTestServer();
  await server.get(ROOT);
  await server.close();
  await expect(fetch(server.url)).rejects.toThrow();
});

test("there is no control API without a data folder, and listening for others needs a key of one's own", async () => {
  const server = await startTestServer();
  expect((await server.call("GET", "/_tutum/state")).status).toBe(404);
  await expect(startTestServer({ host: "0.0.0.0", apikey: undefined })).rejects.toThrow("needs an API key");
});

/** What a container gets to see, and what never reaches one. */
import type { IncomingMessage } from "node:http";
import { ask, exchange, startContainer, startProxy, startRaw } from "./proxied";

const HOST = "web.example.com";

async function headersSeen(headers: string[], host = HOST): Promise<IncomingMessage["headers"]> {
  const proxy = await startProxy();
  const web = await startContainer("web");
  proxy.only(web);
  expect((await ask(proxy.port, host, { headers })).status).toBe(200);
  return (web.seen[0] as IncomingMessage).headers;
}

test("the container is told the name it was asked by, and by whom", async () => {
  expect(await headersSeen(["X-Custom: kept"], `${HOST}:8080`)).toEqual({
    host: `${HOST}:8080`,
    connection: "close",
    "x-custom": "kept",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": `${HOST}:8080`,
    "x-forwarded-port": "8080",
    "x-forwarded-proto": "http",
  });
});

test("the key of the API stays with the proxy; other credentials are the container's", async () => {
  for (const value of ["ApiKey admin:secret", "apikey x", "APIKEY\tx", "ApiKey"]) {
    expect((await headersSeen([`Authorization: ${value}`])).authorization).toBeUndefined();
  }
  expect((await headersSeen(["Authorization: Basic YTpi"])).authorization).toBe("Basic YTpi");
  expect((await headersSeen(["Authorization: ApiKeyring x"])).authorization).toBe("ApiKeyring x");
});

test("what a client says of its own way here is dropped, however it is spelled", async () => {
  const names = [
    "Forwarded",
    "X-Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Anything",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "X_Forwarded_For",
    "X-Forwarded_Proto",
    "X_Real_IP",
  ];
  const seen = await headersSeen(names.map(name => `${name}: spoofed`));
  expect(JSON.stringify(seen)).not.toContain("spoofed");
});

test("what is meant for the proxy alone goes no further, nor what Connection names", async () => {
  const seen = await headersSeen([
    "Connection: X-Secret, Host, Content-Length",
    "X-Secret: 1",
    "Keep-Alive: timeout=5",
    "Proxy-Authorization: Basic YTpi",
    "Proxy-Connection: keep-alive",
    "TE: trailers",
  ]);
  expect(Object.keys(seen).sort()).toEqual([
    "connection",
    "host",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
  ]);
});

test("a client that waits before it sends a body is told to go on, and the rules hold for it too", async () => {
  const proxy = await startProxy();
  const web = await startContainer("web");
  proxy.only(web);
  const waiting = [
    "Expect: 100-continue",
    "Authorization: ApiKey a:b",
    "X-Real-IP: 1.2.3.4",
    "Connection: close",
  ];
  const answer = await exchange(proxy.port, post([...waiting, "Content-Length: 5"], "hello"));
  expect(answer).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/);
  const { headers } = web.seen[0] as IncomingMessage;
  expect(headers).not.toHaveProperty("expect");
  expect(headers).not.toHaveProperty("authorization");
  expect(headers).not.toHaveProperty("x-real-ip");
});

test("what is meant for the proxy alone in an answer goes no further", async () => {
  const proxy = await startProxy();
  const head = ["HTTP/1.1 200 OK", "Connection: x-secret", "Keep-Alive: timeout=5", "Content-Length: 2"];
  proxy.only(await startRaw((_, write) => write(`${head.join("\r\n")}\r\n\r\nok`)));
  const { status, headers } = await ask(proxy.port, HOST);
  expect(status).toBe(200);
  expect(headers.get("connection")).toBe("close");
  expect(headers.has("keep-alive")).toBe(false);
});

const get = (...lines: string[]) => `GET / HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
const post = (lines: string[], body: string) =>
  `POST / HTTP/1.1\r\nHost: ${HOST}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
const SMUGGLED =
  "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: web.example.com\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n";

/** Requests that two parsers could read differently: none may reach a container. */
const REFUSED: [string, string][] = [
  ["no Host", get("X: 1")],
  ["an empty Host", get("Host:")],
  ["two Hosts", get(`Host: ${HOST}`, `Host: ${HOST}`)],
  ["two Hosts in two spellings", get(`Host: ${HOST}`, "hOST: evil.example.com")],
  ["two names in one Host", get(`Host: ${HOST}, evil.example.com`)],
  ["a Host with a path", get(`Host: ${HOST}/x`)],
  ["a Host with a user", get(`Host: user@${HOST}`)],
  ["a Host with a strange port", get(`Host: ${HOST}:80x`)],
  ["a Host that is an address", get("Host: 127.0.0.1")],
  ["a Host that is an IPv6 address", get("Host: [::1]")],
  ["a Host with a control character", get("Host: web\x01.example.com")],
  ["a whole URL", `GET http://${HOST}/ HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ["another host's URL", `GET http://evil.example.com/ HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ["an asterisk", `OPTIONS * HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ["a path without its slash", `GET x HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ["CONNECT", `CONNECT ${HOST}:80 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ["both lengths", post(["Content-Length: 5", "Transfer-Encoding: chunked"], SMUGGLED)],
  ["both lengths, the other way round", post(["Transfer-Encoding: chunked", "Content-Length: 5"], SMUGGLED)],
  ["two Content-Lengths", post(["Content-Length: 5", "Content-Length: 6"], "helloo")],
  ["two equal Content-Lengths", post(["Content-Length: 5", "Content-Length: 5"], "hello")],
  ["a list of lengths", post(["Content-Length: 5, 5"], "hello")],
  ["a negative length", post(["Content-Length: -5"], "hello")],
  ["a signed length", post(["Content-Length: +5"], "hello")],
  ["a hexadecimal length", post(["Content-Length: 0x5"], "hello")],
  ["a length with a space", post(["Content-Length: 5 5"], "hello")],
  ["a coding with a space before the colon", post(["Transfer-Encoding : chunked"], SMUGGLED)],
  ["a folded header", post(["Transfer-Encoding:", " chunked"], SMUGGLED)],
  ["a coding before chunked", post(["Transfer-Encoding: gzip, chunked"], SMUGGLED)],
  ["a coding after chunked", post(["Transfer-Encoding: chunked, identity"], SMUGGLED)],
  ["chunked twice", post(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], SMUGGLED)],
  ["a coding in quotes", post(['Transfer-Encoding: "chunked"'], SMUGGLED)],
  ["an unknown coding", post(["Transfer-Encoding: xchunked"], SMUGGLED)],
  ["identity", post(["Transfer-Encoding: identity"], SMUGGLED)],
  ["a vertical tab before the coding", post(["Transfer-Encoding:\x0bchunked"], SMUGGLED)],
  ["chunked in HTTP/1.0", post(["Transfer-Encoding: chunked"], SMUGGLED).replace("1.1", "1.0")],
  ["a header without a name", get(`Host: ${HOST}`, ": x")],
  ["a header with a space in its name", get(`Host: ${HOST}`, "X Y: z")],
  ["a NUL in a header", get(`Host: ${HOST}`, "X: a\0b")],
  ["a bare CR in a header", get(`Host: ${HOST}`, "X: a\rY: b")],
  ["a strange version", get(`Host: ${HOST}`).replace("HTTP/1.1", "HTTP/1.2")],
  ["a chunk size with rubbish", post(["Transfer-Encoding: chunked"], `5 x\r\nhello\r\n${SMUGGLED}`)],
];

test.each(REFUSED)("refused: %s", async (_, bytes) => {
  const proxy = await startProxy();
  const web = await startContainer("web");
  proxy.only(web);
  const answer = await exchange(proxy.port, bytes);
  // CONNECT gets no answer at all.
  expect(answer).toMatch(/^(HTTP\/1.1 (400|411|501|505) |$)/);
  const whole = web.seen.filter(request => request.complete);
  expect(whole).toEqual([]);
  expect(web.seen.map(({ url }) => url)).not.toContain("/smuggled");
});

/** Requests in a row that are what they seem: each arrives once, with its own body. */
test.each([
  ["chunks", post(["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n"), "hello"],
  [
    "chunks and trailers",
    post(["Transfer-Encoding: chunked", "Trailer: X"], "5\r\nhello\r\n0\r\nX: 1\r\n\r\n"),
    "hello",
  ],
  ["CHUNKED in capitals", post(["Transfer-Encoding: CHUNKED"], "5\r\nhello\r\n0\r\n\r\n"), "hello"],
  [
    "GET with chunks",
    post(["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n").replace("POST", "GET"),
    "hello",
  ],
  [
    "DELETE with chunks",
    post(["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n").replace("POST", "DELETE"),
    "hello",
  ],
  [
    "OPTIONS with chunks",
    post(["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n").replace("POST", "OPTIONS"),
    "hello",
  ],
  ["GET with a length", post(["Content-Length: 5"], "hello").replace("POST", "GET"), "hello"],
  ["DELETE with a length", post(["Content-Length: 5"], "hello").replace("POST", "DELETE"), "hello"],
  ["an empty body", post(["Content-Length: 0"], ""), ""],
])("passed on once, with its body: %s", async (_, bytes, body) => {
  const proxy = await startProxy();
  const bodies: string[] = [];
  const web = await startContainer("web", async (request, response) => {
    bodies.push(Buffer.concat(await request.toArray()).toString());
    response.end("ok");
  });
  proxy.only(web);
  const last = `GET /last HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
  const answer = await exchange(proxy.port, bytes + last);
  expect(answer.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
  expect(bodies).toEqual([body, ""]);
  expect(web.seen.map(({ url }) => url)).toEqual(["/", "/last"]);
});

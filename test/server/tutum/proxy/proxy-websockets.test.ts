import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { type Container, exchange, nobody, startContainer, startProxy, startRaw } from "./proxied";

const HOST = "web.example.com";
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const REQUEST = [
  "GET /chat HTTP/1.1",
  `Host: ${HOST}`,
  "Connection: keep-alive, Upgrade",
  "Upgrade: WebSocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${KEY}`,
  "Sec-WebSocket-Protocol: chat",
  "X-Forwarded-For: 1.2.3.4",
  "Authorization: ApiKey admin:secret",
];
const HANDSHAKE = `${REQUEST.join("\r\n")}\r\n\r\n`;

/** Echoes all bytes after the handshake of RFC 6455. */
async function startEcho(): Promise<Container & { upgrades: IncomingMessage[]; sockets: Socket[] }> {
  const container = await startContainer("web");
  const upgrades: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  container.server.on("upgrade", (request, socket: Socket, head) => {
    upgrades.push(request);
    sockets.push(socket);
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const headers = ["Connection: Upgrade", "Upgrade: websocket", `Sec-WebSocket-Accept: ${accept}`];
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("\r\n")}\r\n\r\n`);
    socket.write(head);
    socket.pipe(socket).on("error", () => {});
  });
  return { ...container, upgrades, sockets };
}

async function open(port: number, extra = ""): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket
    .on("error", () => {})
    .on("data", data => {
      received += data.toString("latin1");
    });
  socket.write(HANDSHAKE + extra, "latin1");
  while (!received.includes("\r\n\r\n")) await once(socket, "data");
  return { socket, received: () => received };
}

test("a WebSocket is opened with the container's own answer, and bytes pass both ways as they are", async () => {
  const proxy = await startProxy();
  proxy.only(await startEcho());
  const { socket, received } = await open(proxy.port, "sent before the answer");
  expect(received()).toContain("HTTP/1.1 101 Switching Protocols\r\n");
  // The example of RFC 6455, 1.3.
  expect(received()).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const bytes = Buffer.from([0x81, 0x00, 0xff, 0x0d, 0x0a]);
  socket.write(bytes);
  const expected = `sent before the answer${bytes.toString("latin1")}`;
  while (!received().endsWith(expected)) await once(socket, "data");
  socket.destroy();
});

test("the header rules hold for WebSockets too", async () => {
  const proxy = await startProxy();
  const echo = await startEcho();
  proxy.only(echo);
  const { socket } = await open(proxy.port);
  const { headers } = echo.upgrades[0] as IncomingMessage;
  expect(headers).toMatchObject({
    host: HOST,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": KEY,
    "sec-websocket-protocol": "chat",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": HOST,
  });
  expect(headers.authorization).toBeUndefined();
  socket.destroy();
});

test("either side's end ends the other", async () => {
  const proxy = await startProxy();
  const echo = await startEcho();
  proxy.only(echo);
  const first = await open(proxy.port);
  const [far] = echo.sockets as [Socket];
  const farClosed = once(far, "close");
  first.socket.destroy();
  await farClosed;

  const second = await open(proxy.port);
  const closed = once(second.socket, "close");
  echo.sockets[1]?.destroy();
  await closed;
});

test("closing the proxy ends WebSockets", async () => {
  const proxy = await startProxy();
  proxy.only(await startEcho());
  const { socket } = await open(proxy.port);
  const closed = once(socket, "close");
  await proxy.close();
  await closed;
});

test("a WebSocket may be silent for longer than an answer", async () => {
  const proxy = await startProxy({ silenceMs: 500 });
  const echo = await startEcho();
  proxy.only(echo);
  const { socket, received } = await open(proxy.port);
  const slow = startContainer("slow", () => {});
  proxy.claims.set("slow.example.com", { application: "slow", addresses: [await slow] });
  // This takes the proxy 500 ms of silence, on a connection that is younger than the WebSocket.
  const answer = await exchange(proxy.port, "GET / HTTP/1.1\r\nHost: slow.example.com\r\n\r\n");
  expect(answer).toContain("504");
  socket.write("still here");
  while (!received().endsWith("still here")) await once(socket, "data");
  socket.destroy();
});

test("a container that refuses the WebSocket is heard", async () => {
  const proxy = await startProxy();
  proxy.only(await startContainer("web", (_, response) => void response.writeHead(401).end("who are you")));
  const answer = await exchange(proxy.port, HANDSHAKE);
  expect(answer).toMatch(/^HTTP\/1.1 401 /);
  expect(answer).toContain("who are you");
});

test("containers that don't answer are skipped, and without any the proxy says so", async () => {
  const proxy = await startProxy();
  proxy.only(await nobody(), await startEcho());
  for (let n = 0; n < 2; n++) (await open(proxy.port)).socket.destroy();
  proxy.only(await nobody());
  expect(await exchange(proxy.port, HANDSHAKE)).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
  proxy.claims.clear();
  expect(await exchange(proxy.port, HANDSHAKE)).toMatch(/^HTTP\/1.1 404 Not Found\r\n/);
});

test("a container that breaks off before it has switched leaves a clear answer", async () => {
  const proxy = await startProxy();
  proxy.only(await startRaw((_, write) => write("")));
  expect(await exchange(proxy.port, HANDSHAKE)).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
});

test.each([
  ["another protocol", HANDSHAKE.replace("WebSocket", "h2c"), 501],
  ["another method", HANDSHAKE.replace("GET", "POST"), 501],
  ["two hosts", HANDSHAKE.replace("\r\n", "\r\nHost: a.example.com\r\n"), 400],
  ["a whole URL", HANDSHAKE.replace("/chat", "http://evil.example.com/chat"), 400],
])("no WebSocket: %s", async (_, bytes, status) => {
  const proxy = await startProxy();
  const echo = await startEcho();
  proxy.only(echo);
  expect(await exchange(proxy.port, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(echo.upgrades).toHaveLength(0);
});

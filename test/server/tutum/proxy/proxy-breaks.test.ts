/** Whatever a visitor or a container does, the proxy goes on: each exchange here ended the server once. */
import { once } from "node:events";
import { connect } from "node:net";
import { ask, exchange, startContainer, startProxy, startRaw, type TestProxy } from "./proxied";

const HOST = "web.example.com";
const HANDSHAKE = `GET /chat HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/** Sends bytes and breaks off, at once or when something came; resolves when the connection is gone. */
async function breakOff(port: number, bytes: string, how: "reset" | "close", when: "at once" | "on data") {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(bytes);
  const leave = () => (how === "reset" ? socket.resetAndDestroy() : socket.destroy());
  if (when === "at once") leave();
  else socket.once("data", leave);
  if (!socket.closed) await new Promise(resolve => socket.once("close", resolve));
}

/** An exchange of its own still works, so what came before has been dealt with. */
async function expectAlive(proxy: TestProxy) {
  proxy.claims.set("alive.example.com", { application: "alive", addresses: [await startContainer("alive")] });
  for (let n = 0; n < 3; n++) expect((await ask(proxy.port, "alive.example.com")).text).toBe("alive");
}

describe.each(["reset", "close"] as const)("a WebSocket that breaks off (%s) ends nothing", how => {
  test.each(["at once", "on data"] as const)("when the container knows none, %s", async when => {
    const proxy = await startProxy();
    proxy.only(await startContainer("web"));
    for (let n = 0; n < 5; n++) await breakOff(proxy.port, HANDSHAKE, how, when);
    await expectAlive(proxy);
  });

  test("when it is open, with bytes under way in both directions", async () => {
    const proxy = await startProxy();
    proxy.only(
      await startContainer("web").then(container => {
        container.server.on("upgrade", (_, socket) => {
          socket.on("error", () => {});
          socket.write(SWITCHED + "x".repeat(200_000));
        });
        return container;
      }),
    );
    for (let n = 0; n < 5; n++) await breakOff(proxy.port, `${HANDSHAKE}more`, how, "on data");
    await expectAlive(proxy);
  });
});

test("a handshake with more bytes after it, and then the end, ends nothing", async () => {
  const proxy = await startProxy();
  proxy.only(await startContainer("web"));
  for (const more of ["x", HANDSHAKE]) {
    const socket = connect(proxy.port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    socket.end(HANDSHAKE + more);
    await new Promise(resolve => socket.once("close", resolve));
  }
  await expectAlive(proxy);
});

test.each(["000", "099", "600", "999"])(
  "a container that answers with the status %s is not passed on",
  async status => {
    const proxy = await startProxy();
    proxy.only(await startRaw((_, write) => write(`HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\nok`)));
    expect(await ask(proxy.port, HOST)).toMatchObject({
      status: 502,
      text: `The application at ${HOST} broke off, or answered with something that is not HTTP.\n`,
    });
    await expectAlive(proxy);
  },
);

const CHUNKED =
  "HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n";
const SIZED = "HTTP/1.1 200 OK\r\nTrailer: X-T\r\nContent-Length: 2\r\n\r\nok";

test.each([
  ["HEAD", `HEAD / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`, CHUNKED, ""],
  ["HTTP/1.0", `GET / HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`, CHUNKED, "ok"],
  ["a length", `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`, SIZED, "ok"],
  ["chunks", `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`, CHUNKED, "2\r\nok\r\n0\r\n\r\n"],
])("a response that announces trailers arrives without them: %s", async (_, request, response, body) => {
  const proxy = await startProxy();
  proxy.only(await startRaw((_received, write) => write(response)));
  const answer = await exchange(proxy.port, request);
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(answer).not.toMatch(/trailer|x-t/i);
  expect(answer.split("\r\n\r\n").slice(1).join("\r\n\r\n")).toBe(body);
  await expectAlive(proxy);
});

test.each([204, 304, 200, 404])(
  "a container that refuses a handshake with %d and a body ends nothing",
  async status => {
    const proxy = await startProxy();
    proxy.only(
      await startRaw((_, write) => write(`HTTP/1.1 ${status} X\r\nContent-Length: 4\r\n\r\nbodymore`)),
    );
    expect(await exchange(proxy.port, HANDSHAKE)).toMatch(new RegExp(`^HTTP/1.1 ${status} X\r\n`));
    await expectAlive(proxy);
  },
);

/** What connections may take of a server: those of who reads nothing, sends too much at once, or shows no key. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ConnectionLimits } from "../../../../server/host/http/connections";
import { until } from "../../../until";
import { atEnd, startTestServer, type TestServer } from "../../harness";

const KEY = "a-key-of-one-s-own";
const AUTHORIZATION = `Authorization: ApiKey admin:${KEY}`;
const PAGE = "GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LIST = `GET /api/v1/application/ HTTP/1.1\r\nHost: localhost\r\n${AUTHORIZATION}\r\n\r\n`;

const start = (connections: Partial<ConnectionLimits>, trustProxy: string[] = []) =>
  startTestServer({ connections, trustProxy, apikey: KEY });

async function connection({ port }: TestServer): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  atEnd(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** The first answer's first line. */
async function answered(socket: Socket, request: string): Promise<string> {
  socket.write(request);
  const [data] = (await once(socket, "data")) as [Buffer];
  return data.toString().split("\r\n")[0] as string;
}

/** Without reading anything, one learns of the end only by writing. */
async function isCut(socket: Socket): Promise<void> {
  await until(() => {
    if (!socket.destroyed) socket.write("\r\n");
    return socket.destroyed;
  });
}

async function dropped(server: TestServer): Promise<void> {
  const silent = await connection(server);
  silent.pause();
  silent.write(PAGE.repeat(8));
  await isCut(silent);
}

test("who asks for much and reads nothing is dropped, also when more is sent meanwhile", async () => {
  const server = await start({ writeIdle: 100 });
  await dropped(server);
  expect((await server.call("GET", "/api/v1/application/")).status).toBe(200);
});

test("who waits for an answer of the server's is not dropped, however long that takes", async () => {
  const server = await start({ writeIdle: 20 });
  const id = server.faults.add({ hold: "before" });
  const waiting = await connection(server);
  const first = answered(waiting, LIST);
  await until(() => server.faults.list()[0]?.held === 1);
  // Meanwhile another one, who has something to read, runs out of time.
  await dropped(server);
  server.faults.release(id);
  expect(await first).toBe("HTTP/1.1 200 OK");
});

test("who sends many requests without waiting for the answers is cut off, and they are not carried out", async () => {
  const server = await start({ pipelined: 3 });
  const id = server.faults.add({ hold: "before" });
  const eager = await connection(server);
  eager.write(LIST.repeat(100));
  await once(eager.resume(), "close");
  server.faults.release(id);
  expect(server.requests.length).toBeLessThanOrEqual(3);
  const patient = await connection(server);
  expect(await answered(patient, LIST.repeat(3))).toBe("HTTP/1.1 200 OK");
});

test("those without a key push each other out, the oldest first, and never one that has shown the key", async () => {
  const server = await start({ strangers: 3, grace: 0 });
  const known = await connection(server);
  expect(await answered(known, LIST)).toBe("HTTP/1.1 200 OK");
  const strangers: Socket[] = [];
  for (let n = 0; n < 5; n++) strangers.push(await connection(server));
  await Promise.all(strangers.slice(0, 2).map(stranger => stranger.destroyed || once(stranger, "close")));
  expect(await answered(known, LIST)).toBe("HTTP/1.1 200 OK");
  expect(await answered(strangers[4] as Socket, LIST)).toBe("HTTP/1.1 200 OK");
});

test("one address without a key has its own limit; a trusted proxy's address is everybody", async () => {
  const one = await start({ strangersOfAddress: 2, grace: 0 });
  const first = await connection(one);
  for (let n = 0; n < 2; n++) await connection(one);
  await once(first.resume(), "close");

  const proxied = await start({ strangersOfAddress: 2, grace: 0 }, ["127.0.0.1"]);
  const kept = await connection(proxied);
  for (let n = 0; n < 4; n++) await connection(proxied);
  expect(await answered(kept, LIST)).toBe("HTTP/1.1 200 OK");
});

test("when all connections are taken, one with a key still finds room", async () => {
  const server = await start({ total: 4 });
  for (let n = 0; n < 6; n++) await connection(server);
  expect(await answered(await connection(server), LIST)).toBe("HTTP/1.1 200 OK");
});

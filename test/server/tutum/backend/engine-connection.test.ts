/** What is made of an engine's answers, and of an engine that gives none: the engine is a server of the test's own. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection, jsonLines } from "../../../../server/apis/tutum/backend/docker/connection";
import { Engine, type EngineEvent } from "../../../../server/apis/tutum/backend/docker/engine";
import { EngineError } from "../../../../server/apis/tutum/backend/docker/engine-error";

let folder: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutum-engine-"));
});

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise(resolve => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function answering(listener: RequestListener) {
  const address = { protocol: "http" as const, socketPath: join(folder, "engine.sock") };
  server = createServer(listener);
  await new Promise<void>(resolve => server?.listen(address.socketPath, resolve));
  return address;
}

async function failure(work: Promise<unknown>): Promise<Pick<EngineError, "message" | "status">> {
  const error = await work.then(
    () => undefined,
    error => error,
  );
  if (!(error instanceof EngineError)) throw error ?? new Error("it did not fail");
  return { message: error.message, status: error.status };
}

test("an engine's words and status are kept, whatever form they have", async () => {
  const answers: Record<string, [number, string]> = {
    "/json": [409, '{"message":"in use"}'],
    "/text": [500, "no space left\n"],
    "/nothing": [502, ""],
    "/number": [400, '{"message":1}'],
    "/304": [304, ""],
  };
  const connection = new Connection(
    await answering(({ url = "" }, answer) => {
      const [status = 0, text] = answers[url] ?? [];
      answer.writeHead(status).end(text);
    }),
  );
  const said = (path: string) => failure(connection.send("GET", path));
  expect(await said("/json")).toEqual({ message: "in use", status: 409 });
  expect(await said("/text")).toEqual({ message: "no space left", status: 500 });
  expect(await said("/nothing")).toEqual({ message: "502 Bad Gateway", status: 502 });
  expect(await said("/number")).toEqual({ message: '{"message":1}', status: 400 });
  expect(await said("/304")).toEqual({ message: "304 Not Modified", status: 304 });
});

test("an engine that is not there, breaks off or takes too long is silent: its error has no status", async () => {
  const nowhere = new Connection({ protocol: "http", socketPath: join(folder, "none.sock") });
  expect(await failure(nowhere.send("GET", "/x"))).toEqual({
    message: `connect ENOENT ${join(folder, "none.sock")}`,
    status: undefined,
  });
  const connection = new Connection(
    await answering(({ url }, answer) => {
      if (url === "/cut") answer.writeHead(200, { "content-length": 9 }).write("{", () => answer.destroy());
      if (url === "/half") answer.writeHead(200, { "content-length": 9 }).write("{");
      if (url === "/garbage") answer.end("{");
    }),
  );
  const late = { message: "The engine did not answer in time", status: undefined };
  expect(await failure(connection.send("GET", "/never", { within: 20 }))).toEqual(late);
  expect(await failure(connection.send("GET", "/half", { within: 200 }))).toEqual(late);
  expect(await failure(connection.send("GET", "/cut"))).toEqual({ message: "aborted", status: undefined });
  expect(await failure(connection.ask("GET", "/garbage"))).toEqual({
    message: "The engine's response is not JSON: {",
    status: undefined,
  });
});

test("names, filters, bodies and credentials arrive as they are", async () => {
  const asked: unknown[] = [];
  const engine = new Engine(
    await answering(async (request, answer) => {
      const text = Buffer.concat(await request.toArray()).toString();
      const auth = request.headers["x-registry-auth"];
      const credentials = auth && JSON.parse(Buffer.from(`${auth}`, "base64url").toString());
      asked.push(
        [request.method, request.url, ...(text ? [JSON.parse(text)] : []), credentials].filter(Boolean),
      );
      answer.end('{"Id":"c1"}');
    }),
  );
  const credentials = { username: "me", password: "ÿ?ÿ>ü", serveraddress: "localhost:5000" };
  await engine.image("localhost:5000/me/web:1?x#y");
  await engine.pull("localhost:5000/me/web:1", credentials, () => {}, new AbortController().signal);
  expect(await engine.create({ name: "web-1", Image: "x" })).toBe("c1");
  await engine.remove("c1");
  expect(asked).toEqual([
    ["GET", "/images/localhost:5000/me/web:1%3Fx%23y/json"],
    ["POST", "/images/create?fromImage=localhost%3A5000%2Fme%2Fweb&tag=1", credentials],
    ["POST", "/containers/create?name=web-1", { Image: "x" }],
    ["DELETE", "/containers/c1?force=true&v=true"],
  ]);
});

test("a pull that goes wrong on its way is the engine's refusal, one that is cut is silence", async () => {
  const steps: unknown[] = [];
  const engine = new Engine(
    await answering(({ url = "" }, answer) => {
      answer.write('{"id":"a","status":"Downloading"}\r\n{"status":');
      if (url.includes("cut")) answer.write('"x"}', () => answer.destroy());
      else answer.end('"Status"}\r\n{"error":"manifest unknown"}\r\n');
    }),
  );
  const { signal } = new AbortController();
  const pull = (image: string) => failure(engine.pull(image, undefined, step => steps.push(step), signal));
  expect(await pull("web:1")).toEqual({ message: "manifest unknown", status: 500 });
  expect(steps).toEqual([{ id: "a", status: "Downloading" }, { status: "Status" }]);
  expect(await pull("cut:1")).toEqual({ message: "aborted", status: undefined });
});

test.each([
  ["the engine ends them", ""],
  ["a line is no JSON", "nonsense\n"],
  ["a line is not of an event", "null\n"],
])("events come whole however they are cut, and end once, when %s", async (_, last) => {
  const event = (action: string) => `{"Action":"${action}","Actor":{"ID":"c","Attributes":{"é":"ü"}}}\n`;
  const bytes = Buffer.from(`${event("start")}\n${event("die")}${last}`);
  const engine = new Engine(
    await answering(async (_request, answer) => {
      for (const byte of bytes)
        await new Promise(resolve => answer.write(Buffer.of(byte), () => setImmediate(resolve)));
      answer.end();
    }),
  );
  const events: EngineEvent[] = [];
  let ends = 0;
  await new Promise<void>(resolve => {
    const ended = () => {
      ends++;
      resolve();
    };
    void engine.events("s", new AbortController().signal, event => events.push(event), ended);
  });
  expect(events.map(({ action, labels }) => [action, labels])).toEqual([
    ["start", { é: "ü" }],
    ["die", { é: "ü" }],
  ]);
  expect(ends).toBe(1);
});

test("whoever no longer listens for events ends them", async () => {
  const engine = new Engine(await answering((_, answer) => void answer.writeHead(200).flushHeaders()));
  const listening = new AbortController();
  await new Promise<void>(resolve => {
    void engine.events("s", listening.signal, () => {}, resolve).then(() => listening.abort());
  });
});

test("a line without an end is not kept in memory", async () => {
  const connection = new Connection(
    await answering((_, answer) => {
      const more = () => {
        while (answer.write("x".repeat(65_536)));
        answer.once("drain", more);
      };
      more();
    }),
  );
  const lines = jsonLines(await connection.stream("GET", "/events"));
  expect(await failure(lines.next())).toEqual({
    message: "The engine's response has a line without an end",
    status: undefined,
  });
});

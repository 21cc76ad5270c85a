/** SIGTERM, as service managers send it: requests in flight get their answers, and the process is gone in time. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { until } from "../../../until";
import { atEnd, temporaryFolder } from "../../harness";

const BIN = resolve(__dirname, "../../../../server/bin/tutum-server.js");
const BODY = '{"image":"tutum/hello-world"}';

interface Started {
  process: ChildProcess;
  port: number;
  ended: Promise<number | null>;
  control(method: string, path: string, body?: object): Promise<{ faults: { held: number }[] }>;
}

async function start(): Promise<Started> {
  const args = ["start", "--data", join(temporaryFolder(), "data"), "--apikey", "k", "--control"];
  const child = spawn(process.execPath, [BIN, ...args]);
  let stdout = "";
  child.stdout.on("data", data => {
    stdout += data;
  });
  const ended = new Promise<number | null>(done => child.on("close", done));
  atEnd(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await until(() => stdout.includes("Ctrl-C"));
  const [, token, url] = /Bearer (\w+)" (http\S+)state/.exec(stdout) as RegExpExecArray;
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  return {
    process: child,
    port: Number(new URL(url as string).port),
    ended,
    control: async (method, path, body) =>
      (await fetch(`${url}${path}`, { method, headers, body: body && JSON.stringify(body) })).json(),
  };
}

function open(server: Started, text: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
  let received = "";
  socket.on("data", data => {
    received += data;
  });
  socket.on("error", () => {});
  return { socket, answer: new Promise(done => socket.on("close", () => done(received))) };
}

const post = (length: number) =>
  `POST /api/v1/application/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: ApiKey admin:k\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

test("a request in flight gets its answer, and the process ends at once", async () => {
  const server = await start();
  await server.control("POST", "faults", { method: "POST", hold: "after" });
  const { answer } = open(server, post(BODY.length) + BODY);
  await until(async () => (await server.control("GET", "faults")).faults[0]?.held === 1);
  const since = Date.now();
  server.process.kill("SIGTERM");
  const received = await answer;
  expect(received).toMatch(/^HTTP\/1\.1 202 Accepted/);
  expect(received).toMatch(/^connection: close/im);
  expect(received).toContain('"state":"Starting"');
  expect(await server.ended).toBe(0);
  expect(Date.now() - since).toBeLessThan(3_000);
});

test("a body that never comes and an idle connection do not keep it longer than 5 s", async () => {
  const server = await start();
  const idle = open(server, "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until(() => idle.socket.bytesRead > 100);
  const stalled = open(server, post(1_000) + BODY);
  await until(() => stalled.socket.bytesWritten > 100);
  const since = Date.now();
  server.process.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(Date.now() - since).toBeLessThan(5_000);
  await Promise.all([idle.answer, stalled.answer]);
});

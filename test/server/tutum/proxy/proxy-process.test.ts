/** The proxy as a process of its own: neither its death nor the server's is the other's, and an upgrade is not seen. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepProxy } from "../../../../server/apis/tutum/proxy/keep-proxy";
import { socketOf } from "../../../../server/apis/tutum/proxy/meeting-place";
import type { Route } from "../../../../server/apis/tutum/proxy/plane/routes";
import { Supervisor } from "../../../../server/apis/tutum/proxy/supervisor";
import type { Logger } from "../../../../server/host/ports/logger";
import { atEnd, startTestServer, temporaryFolder } from "../../harness";
import { ask, exchange, startContainer } from "./proxied";

const HOST = "web.example.com";
const COMPILED = join(__dirname, "../../../../server/dist");

interface Line {
  level: string;
  fields: { proxy?: number; before?: number; signal?: string; said?: string; error?: string };
  message: string;
}

/** A log, and what waits for a line of it. */
function listeningLog() {
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
    for (const look of waiting) look();
  };
  const logger: Logger = { info: at("info"), warn: at("warn"), error: at("error") };
  const line = (text: string, from = 0, fits: (fields: Line["fields"]) => boolean = () => true) =>
    new Promise<Line>(resolve => {
      const look = () => {
        const found = lines.slice(from).find(entry => entry.message.includes(text) && fits(entry.fields));
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { lines, logger, line };
}

interface Supervised {
  supervisor: Supervisor;
  port: number;
  pid: number;
  log: ReturnType<typeof listeningLog>;
}

async function supervise(
  routes: Route[],
  { dataDir = undefined as string | undefined, staysMs = 60_000, port = 0, from = Supervisor } = {},
): Promise<Supervised> {
  const log = listeningLog();
  const supervisor = new from({ dataDir, staysMs, trusted: [], logger: log.logger });
  await supervisor.start();
  atEnd(() => supervisor.close());
  await supervisor.tell(() => routes);
  const { fields } = await log.line("the proxy", 0, ({ proxy }) => proxy !== undefined);
  return { supervisor, log, port: await supervisor.listen("127.0.0.1", port), pid: fields.proxy as number };
}

async function routesToContainer(): Promise<Route[]> {
  const { host, port } = await startContainer("web");
  return [[HOST, [{ application: "web", addresses: [{ host, port }] }]]];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise(resolve => setTimeout(resolve, 5));
}

test("a proxy that is killed is started again, with its port and routes, and its end is in the log", async () => {
  const { port, pid, log } = await supervise(await routesToContainer());
  expect((await ask(port, HOST)).text).toBe("web");
  const before = log.lines.length;
  process.kill(pid, "SIGKILL");
  expect((await log.line("the proxy ended")).fields.signal).toBe("SIGKILL");
  const again = await log.line("the proxy was started", before);
  expect(again.fields.proxy).not.toBe(pid);
  while ((await exchange(port, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)) === "");
  expect((await ask(port, HOST)).text).toBe("web");
});

test("the server answers while its proxy is dead, and a change made meanwhile counts afterwards", async () => {
  const { logger, line, lines } = listeningLog();
  const server = await startTestServer({ proxy: {}, logger });
  const port = server.proxy?.port as number;
  process.kill((await line("the proxy was started")).fields.proxy as number, "SIGKILL");
  await line("the proxy ended");
  const before = lines.length;
  await server.deploy({ image: "tutum/hello-world", web_public_dns: HOST });
  await line("the proxy was started", before);
  let answer = await exchange(port, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
  while (answer === "")
    answer = await exchange(port, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
});

test("it is given no environment, and none of its server's files", async () => {
  process.env.PROXY_TEST_SECRET = "not for the proxy";
  const { pid } = await supervise([]);
  delete process.env.PROXY_TEST_SECRET;
  if (!existsSync(`/proc/${pid}/environ`)) return;
  expect(readFileSync(`/proc/${pid}/environ`, "latin1")).toBe("");
});

test("nothing is left of it when its server ends", async () => {
  const dataDir = temporaryFolder();
  const { supervisor, pid } = await supervise([], { dataDir });
  expect(existsSync(socketOf(dataDir))).toBe(true);
  await supervisor.close();
  await ended(pid);
  expect(existsSync(socketOf(dataDir))).toBe(false);
});

test("kept at the end of its server, it goes on with its routes, and belongs to the next one", async () => {
  const dataDir = temporaryFolder();
  const routes = await routesToContainer();
  const first = await supervise(routes, { dataDir, staysMs: 55_000 });
  expect(await keepProxy(dataDir)).toBe(55_000);
  await first.supervisor.close();
  expect((await ask(first.port, HOST)).text).toBe("web");
  const second = await supervise(routes, { dataDir, port: first.port });
  expect(second.pid).toBe(first.pid);
  expect(second.port).toBe(first.port);
  await second.supervisor.close();
  await ended(first.pid);
});

test("one that is stopped is left for another, and ends as soon as it runs on", async () => {
  const dataDir = temporaryFolder();
  const routes = await routesToContainer();
  const first = await supervise(routes, { dataDir });
  atEnd(() => void (isAlive(first.pid) && process.kill(first.pid, "SIGKILL")));
  await keepProxy(dataDir);
  await first.supervisor.close();
  process.kill(first.pid, "SIGSTOP");
  const second = await supervise(routes, { dataDir });
  expect(second.log.lines.map(({ message }) => message)).toEqual([
    expect.stringContaining("does not answer, as a stopped process"),
    "the proxy was started",
  ]);
  expect(second.pid).not.toBe(first.pid);
  expect((await ask(second.port, HOST)).text).toBe("web");
  process.kill(first.pid, "SIGCONT");
  await ended(first.pid);
  expect((await ask(second.port, HOST)).text).toBe("web");
  await second.supervisor.close();
  await ended(second.pid);
});

test("without a server it ends by itself when its time is over", async () => {
  const dataDir = temporaryFolder();
  const { supervisor, pid } = await supervise([], { dataDir, staysMs: 20 });
  await keepProxy(dataDir);
  await supervisor.close();
  await ended(pid);
});

test("a server that has lost its folder leaves the proxy to the one that has it", async () => {
  const dataDir = temporaryFolder();
  const routes = await routesToContainer();
  const first = await supervise(routes, { dataDir });
  const second = await supervise(routes, { dataDir, port: first.port });
  expect(second.pid).toBe(first.pid);
  await first.log.line("the proxy belongs to another server now");
  await first.supervisor.close();
  expect((await ask(second.port, HOST)).text).toBe("web");
});

test("one that is killed is started again although its socket takes one more connection while it dies", async () => {
  const dataDir = temporaryFolder();
  const { port, pid, log } = await supervise(await routesToContainer(), { dataDir });
  rmSync(socketOf(dataDir));
  const dying = createServer(socket => socket.destroy()).listen(socketOf(dataDir));
  await once(dying, "listening");
  atEnd(() => void dying.close());
  const before = log.lines.length;
  process.kill(pid, "SIGKILL");
  await log.line("the proxy was started", before);
  while ((await exchange(port, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)) === "");
  expect((await ask(port, HOST)).text).toBe("web");
});

test("when another program has taken the port meanwhile, no proxy stays that has nothing to do", async () => {
  const { port, pid, log } = await supervise(await routesToContainer(), { dataDir: temporaryFolder() });
  const before = log.lines.length;
  process.kill(pid, "SIGKILL");
  await ended(pid);
  const thief = createServer().listen(port, "127.0.0.1");
  await once(thief, "listening");
  await log.line("the proxy could not be started", before);
  await ended((await log.line("the proxy was started", before)).fields.proxy as number);
  thief.close();
  while ((await exchange(port, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)) === "");
  expect((await ask(port, HOST)).text).toBe("web");
});

test("a folder with a long path is no obstacle", async () => {
  const dataDir = join(temporaryFolder(), "x".repeat(120));
  expect(socketOf(dataDir).startsWith(tmpdir())).toBe(true);
  const { supervisor, pid } = await supervise([], { dataDir });
  await keepProxy(dataDir);
  await supervisor.close();
  const second = await supervise([], { dataDir });
  expect(second.pid).toBe(pid);
});

/** The compiled server once more, elsewhere; with other code of the proxy if asked for. */
function copyOfTheCode({ changed }: { changed: boolean }): typeof Supervisor {
  const copy = join(temporaryFolder(), "dist");
  cpSync(COMPILED, copy, { recursive: true });
  if (changed) appendFileSync(join(copy, "apis/tutum/proxy/plane/main.js"), "\n// Another version.\n");
  const load = createRequire(join(copy, "index.js"));
  return (load("./apis/tutum/proxy/supervisor.js") as { Supervisor: typeof Supervisor }).Supervisor;
}

test("the same code in another place takes over the proxy that runs", async () => {
  const dataDir = temporaryFolder();
  const first = await supervise([], { dataDir });
  await keepProxy(dataDir);
  await first.supervisor.close();
  const second = await supervise([], { dataDir, from: copyOfTheCode({ changed: false }) });
  expect(second.pid).toBe(first.pid);
});

test("an upgrade loses none of 10,000 requests, four at a time, over connections that stay and that don't", async () => {
  const dataDir = temporaryFolder();
  const routes = await routesToContainer();
  const first = await supervise(routes, { dataDir });
  const { port } = first;
  const counts = new Map<string, number>();
  let left = 10_000;
  const visitor = async (keepAlive: boolean) => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (left-- > 0) {
      const text = await visit(port, agent);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    agent.destroy();
  };
  const visitors = [visitor(false), visitor(false), visitor(true), visitor(true)];
  const pids = [first.pid];
  let current = first.supervisor;
  for (const changed of [true, false, true]) {
    const other = copyOfTheCode({ changed });
    await keepProxy(dataDir);
    await current.close();
    const next = await supervise(routes, { dataDir, port, from: other });
    pids.push(next.pid);
    current = next.supervisor;
  }
  await Promise.all(visitors);
  expect(Object.fromEntries(counts)).toEqual({ "200 web": 10_000 });
  expect(new Set(pids).size).toBe(4);
  await current.close();
  for (const pid of pids) await ended(pid);
}, 120_000);

function visit(port: number, agent: Agent): Promise<string> {
  return new Promise(resolve => {
    get({ port, host: "127.0.0.1", headers: { Host: HOST }, agent }, response => {
      let text = "";
      response.setEncoding("utf8").on("data", part => {
        text += part;
      });
      response.on("close", () =>
        resolve(response.complete ? `${response.statusCode} ${text}` : "broken off"),
      );
    }).on("error", error => resolve(String(error)));
  });
}

/** A server of its own process, as `start` makes it. */
function startCommand(
  dataDir: string,
  ...options: string[]
): { child: ChildProcess; ready: Promise<string> } {
  const bin = join(__dirname, "../../../../server/bin/tutum-server.js");
  const child = spawn(process.execPath, [bin, "start", "--data", dataDir, "--proxy-port", "0", ...options], {
    env: { PATH: process.env.PATH, HOME: dataDir },
  });
  atEnd(() => child.kill("SIGTERM"));
  let said = "";
  const ready = new Promise<string>(resolve => {
    child.stdout.setEncoding("utf8").on("data", text => {
      said += text;
      if (said.includes("Ctrl-C")) resolve(/^Applications answer at \S+:(\d+)\//m.exec(said)?.[1] ?? "");
    });
  });
  return { child, ready };
}

test("a server that is killed leaves its proxy answering, and the next one has it", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const { child, ready } = startCommand(dataDir);
  const port = Number(await ready);
  const gone = new Promise(resolve => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
  expect((await ask(port, "nobody.example.com")).status).toBe(404);
  const next = startCommand(dataDir);
  expect(Number(await next.ready)).toBe(port);
  const log = readFileSync(join(dataDir, "server.log"), "utf8");
  expect(log).toContain("the proxy went on meanwhile");
  const over = new Promise(resolve => next.child.once("close", resolve));
  next.child.kill("SIGTERM");
  await over;
  expect(await exchange(port, "GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n")).toBe("");
});

/** A network of its own, seen from this process: by commands that run in it and by ports that lead into it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";

export class Namespace {
  private readonly ports = new Map<string, Promise<number>>();
  private readonly servers: Server[] = [];
  private readonly connectors: ChildProcess[] = [];

  /** `pid`: any process in it. */
  constructor(readonly pid: number) {}

  /** In front of a command: it runs in this network, and is otherwise like any child of this process. */
  get enter(): string[] {
    return ["nsenter", `--target=${this.pid}`, "--net"];
  }

  /** A port on this process's loopback that leads to this address as it is in there. */
  forward(host: string, port: number): Promise<number> {
    const key = `${host}:${port}`;
    const known = this.ports.get(key) ?? this.open(host, port);
    this.ports.set(key, known);
    return known;
  }

  /** `fetch` as from in there. */
  async fetch(url: string, init?: RequestInit): Promise<Response> {
    const there = new URL(url);
    const port = await this.forward(there.hostname, Number(there.port || 80));
    return fetch(new URL(there.pathname + there.search, `http://127.0.0.1:${port}`), init);
  }

  close(): void {
    for (const server of this.servers) server.close();
    for (const connector of this.connectors) connector.kill();
    this.ports.clear();
  }

  private async open(host: string, port: number): Promise<number> {
    const [execPath = "", ...execArgv] = [...this.enter, process.execPath];
    const connector = fork(join(__dirname, "forward.js"), [host, String(port)], { execPath, execArgv });
    this.connectors.push(connector);
    const server = createServer({ pauseOnConnect: true }, socket => {
      connector.send("connect", socket, { keepOpen: false }, error => error && socket.destroy());
    });
    this.servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }
}

/** The first child of a process: what `unshare --fork` and `nsenter --pid` run. Any of its threads may have started it. */
export function childOf(pid: number): number {
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [child] = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" ");
    if (child) return Number(child);
  }
  throw new Error(`process ${pid} has no child`);
}

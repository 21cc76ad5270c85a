/**
 * The life of the proxy's process. A server finds it at its control socket, tells it where to listen and what the
 * routes are. When the server goes away without a word, it goes on with what it was told last, for a while; a server
 * with other code makes it hand its listener to a successor.
 */
import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { type AddressInfo, createServer, Server, type Socket } from "node:net";
import type { Logger } from "../../../../host/ports/logger";
import { Channel, type LogEntry, type Order, type Replies } from "./channel";
import { createProxy, type ReverseProxy } from "./proxy";
import type { Route } from "./routes";

/** Nobody asked for it: it was started for a server that died at once. */
const FIRST_WORD_MS = 30_000;
/** What is under way when a successor takes over may take so long. */
const DRAIN_MS = 10 * 60_000;
/** A successor is there by then, or never. */
const SUCCESSOR_MS = 10_000;
/** Lines kept while no server is there to log them. */
const KEPT_LINES = 100;

interface Listening {
  host: string;
  port: number;
}

/** What is handed to a successor, with the listener. */
export interface Inheritance {
  listening: Listening | undefined;
  routes: readonly Route[];
  trusted: readonly string[];
}

export class Plane {
  private readonly control = createServer(socket => this.meet(socket));
  private readonly proxy: ReverseProxy;
  private readonly kept: LogEntry[] = [];
  private server: Channel | undefined;
  private listening: Listening | undefined;
  private trusted: readonly string[] = [];
  private staysMs = 0;
  private stays = false;
  private absence: NodeJS.Timeout;

  constructor(
    /** Of the control socket. */
    private readonly path: string,
    private readonly code: string,
    private readonly exit: (code: number) => void,
  ) {
    this.proxy = createProxy({ logger: this.logger() });
    this.absence = setTimeout(() => this.end(), FIRST_WORD_MS);
  }

  /** Listens for servers. A successor is given a listener by `inherit` before. */
  meetServers(): Promise<void> {
    rmSync(this.path, { force: true });
    return new Promise((resolve, reject) => {
      this.control.once("error", reject).listen(this.path, () => resolve());
    });
  }

  inherit({ listening, routes, trusted }: Inheritance, listener: Server | undefined): void {
    this.listening = listening;
    this.proxy.replace(routes);
    this.trust(trusted);
    if (listener) this.proxy.server.listen(listener);
  }

  log(entry: LogEntry): void {
    if (this.server) this.server.log(entry);
    else if (this.kept.push(entry) > KEPT_LINES) this.kept.shift();
  }

  /** At once, with all that is under way. */
  end(): void {
    this.control.close();
    void this.proxy.close().then(() => this.exit(0));
  }

  private meet(socket: Socket): void {
    const channel: Channel = new Channel(socket, {
      order: order => this.carryOut(order, channel),
      closed: () => {
        if (channel === this.server) this.serverIsAway();
      },
    });
  }

  private async carryOut(order: Order, from: Channel): Promise<object> {
    switch (order.type) {
      case "hello":
        return this.greet(order, from);
      case "listen":
        return this.listen(order);
      case "routes":
        if (order.all) this.proxy.replace(order.routes);
        else this.proxy.change(order.routes);
        return {};
      case "succeed":
        return { isDone: await this.handOver(order) };
      case "stay":
        this.stays = true;
        return { staysMs: this.staysMs };
      case "end":
        if (!this.stays) this.end();
        return { stays: this.stays };
    }
  }

  private greet({ code, staysMs, trusted }: Order & { type: "hello" }, from: Channel): Replies["hello"] {
    clearTimeout(this.absence);
    const before = this.server;
    this.server = from;
    before?.close();
    this.stays = false;
    this.staysMs = staysMs;
    this.trust(trusted);
    for (const entry of this.kept.splice(0)) from.log(entry);
    return { pid: process.pid, isSame: code === this.code };
  }

  private trust(addresses: readonly string[]): void {
    this.trusted = addresses;
    this.proxy.trust(addresses);
  }

  private serverIsAway(): void {
    this.server = undefined;
    this.log({
      level: "warn",
      fields: { ms: this.staysMs },
      message: "the proxy goes on without its server",
    });
    this.absence = setTimeout(() => this.end(), this.staysMs);
  }

  private async listen({ host, port }: Listening): Promise<Replies["listen"]> {
    const { server } = this.proxy;
    const { listening } = this;
    const isThere = listening?.host === host && (port === 0 || listening.port === port);
    if (listening && isThere) return { port: listening.port };
    if (server.listening) stopAccepting(server, () => {});
    this.listening = undefined;
    return new Promise(resolve => {
      const failed = ({ code = "", message }: NodeJS.ErrnoException) => resolve({ code, message });
      server.once("error", failed).listen({ host, port }, () => {
        server.off("error", failed);
        const bound = (server.address() as AddressInfo).port;
        this.listening = { host, port: bound };
        resolve({ port: bound });
      });
    });
  }

  /** False: there is no successor, and nothing has changed but that no other server finds the way here. */
  private async handOver({ entry, execPath, code }: Order & { type: "succeed" }): Promise<boolean> {
    this.control.close();
    const successor = fork(entry, [this.path, code], {
      ...{
        execPath,
        execArgv: [],
        env: {},
        cwd: "/",
        detached: true,
        stdio: ["ignore", "ignore", "ignore", "ipc"],
      },
    });
    const { listening, trusted } = this;
    const inheritance: Inheritance = { listening, routes: this.proxy.routes(), trusted };
    const listener = this.proxy.server.listening ? this.proxy.server : undefined;
    successor.on("error", () => {});
    successor.send(inheritance, listener, {}, () => {});
    if (!(await isReady(successor))) {
      successor.kill();
      return false;
    }
    // When the successor ends, so does what is left here.
    successor.once("disconnect", () => this.exit(0));
    this.proxy.drain();
    stopAccepting(this.proxy.server, () => this.exit(0));
    setTimeout(() => this.exit(0), DRAIN_MS);
    return true;
  }

  private logger(): Logger {
    const at = (level: LogEntry["level"]) => (fields: object, message: string) =>
      this.log({ level, fields, message });
    return { info: at("info"), warn: at("warn"), error: at("error") };
  }
}

/** Unlike an HTTP server's own way it leaves connections alone that wait for another request. */
function stopAccepting(server: Server, done: () => void): void {
  Server.prototype.close.call(server, done);
}

function isReady(successor: ChildProcess): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(false), SUCCESSOR_MS);
    const answer = (isReady: boolean) => {
      clearTimeout(timer);
      resolve(isReady);
    };
    successor.once("message", () => answer(true)).once("exit", () => answer(false));
  });
}

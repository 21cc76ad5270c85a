/**
 * Keeps a proxy running in a process of its own: finds the one that is there or starts one, tells it all it has to
 * know, and starts another one when it ends. What it is given is a socket to listen to; no environment, no folder.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../../../host/ports/logger";
import type { RouteSink } from "./follow-routes";
import { prepareMeeting, secretMeeting, socketOf } from "./meeting-place";
import { Channel, type Replies } from "./plane/channel";
import type { Route } from "./plane/routes";
import { codeOf, ENTRY } from "./plane-code";

/** A change is not held up for longer by a proxy that does not answer. */
const CHANGE_MS = 1_000;
const ORDER_MS = 15_000;
/** One that says nothing for so long is stopped: it can neither be adopted nor hand over. */
const HELLO_MS = 5_000;
/** Between two starts, when it keeps ending. */
const PAUSES_MS = [0, 100, 500, 2_000, 5_000];
/** One that ran for so long is started again at once. */
const STABLE_MS = 60_000;
/** So long a process that dies may keep a connection. */
const DYING_MS = 2_000;
/** Of what it said last on its error output. */
const LAST_WORDS = 4_000;

export interface SupervisorOptions {
  /** Absent: nobody finds the proxy again, and it ends with its server. */
  dataDir: string | undefined;
  /** So long it goes on without a server. */
  staysMs: number;
  trusted: readonly string[];
  logger: Logger;
}

export class Supervisor implements RouteSink {
  private channel: Channel | undefined;
  private listening: { host: string; port: number } | undefined;
  private routes: () => readonly Route[] = () => [];
  private isClosing = false;
  private starts = 0;
  private startedAt = 0;
  /** What is known of why it ended. */
  private lastWords: () => object = () => ({});
  private processEnded: Promise<void> = Promise.resolve();
  private child: ChildProcess | undefined;

  constructor(private readonly options: SupervisorOptions) {}

  async start(): Promise<void> {
    this.channel = (await this.adopt()) ?? (await this.launch());
  }

  /** The port, or why it cannot be had, as an error of node's. */
  async listen(host: string, port: number): Promise<number> {
    const reply = await this.channel?.ask({ type: "listen", host, port }, ORDER_MS);
    if (reply && "port" in reply) {
      this.listening = { host, port: reply.port };
      return reply.port;
    }
    throw Object.assign(new Error(reply?.message ?? "the proxy does not answer"), { code: reply?.code });
  }

  /** All routes, now and whenever a proxy is started. */
  async tell(routes: () => readonly Route[]): Promise<void> {
    this.routes = routes;
    await this.channel?.ask({ type: "routes", all: true, routes: routes() }, ORDER_MS);
  }

  async change(routes: readonly Route[]): Promise<void> {
    await this.channel?.ask({ type: "routes", all: false, routes }, CHANGE_MS);
  }

  /** Ends it too, unless it was asked to stay. */
  async close(): Promise<void> {
    this.isClosing = true;
    const { channel } = this;
    if (!channel || channel.socket.destroyed) return;
    this.child?.ref();
    const closed = new Promise(resolve => channel.socket.once("close", resolve));
    const reply = await channel.ask({ type: "end" }, ORDER_MS);
    if (reply?.stays) channel.close();
    await closed;
    if (!reply?.stays) await this.processEnded;
    else this.child?.unref();
  }

  /** The one of the server before, or its successor. */
  private async adopt(): Promise<Channel | undefined> {
    const { dataDir, logger } = this.options;
    if (dataDir === undefined) return undefined;
    const socket = await opened(socketOf(dataDir));
    if (!socket) return undefined;
    const channel = this.channelOn(socket);
    const welcome = await this.greet(channel);
    if (welcome?.isSame) {
      logger.info({ proxy: welcome.pid }, "the proxy went on meanwhile");
      return channel;
    }
    if (!welcome) {
      if (!socket.destroyed) await this.leave(channel);
      return undefined;
    }
    const order = { type: "succeed", entry: ENTRY, execPath: process.execPath, code: codeOf() } as const;
    const handedOver = await channel.ask(order, ORDER_MS);
    this.channel = undefined;
    if (!handedOver?.isDone) {
      logger.warn({ proxy: welcome.pid }, "the proxy that runs has other code, and could not hand over");
      const gone = new Promise(resolve => socket.once("close", resolve));
      void channel.ask({ type: "end" }, ORDER_MS);
      await Promise.race([gone, delay(ORDER_MS, undefined, { ref: false })]);
      return undefined;
    }
    channel.close();
    const next = await opened(socketOf(dataDir));
    const successor = next && this.channelOn(next);
    const greeted = successor && (await this.greet(successor));
    if (greeted)
      logger.info({ proxy: greeted.pid, before: welcome.pid }, "the proxy handed over to new code");
    return greeted && successor;
  }

  /**
   * A process that is stopped. It is not killed: all that is known of it is a socket, and a number written down would be
   * trusted for another process's. Should it run on, the first thing it does is to end.
   */
  private async leave(channel: Channel): Promise<void> {
    this.options.logger.warn(
      {},
      "the proxy that runs does not answer, as a stopped process (SIGSTOP) does not: another one is started. " +
        "Until it ends it keeps its port",
    );
    this.channel = undefined;
    await channel.ask({ type: "end" }, DYING_MS);
  }

  private async launch(): Promise<Channel> {
    const { dataDir, logger } = this.options;
    const meeting = dataDir === undefined ? secretMeeting() : { socket: socketOf(dataDir), forget: () => {} };
    if (dataDir !== undefined) prepareMeeting(meeting.socket, dataDir);
    try {
      const child = spawn(process.execPath, [ENTRY, meeting.socket, codeOf()], {
        ...{ env: {}, cwd: "/", detached: true, stdio: ["ignore", "pipe", "pipe"] },
      });
      this.observe(child);
      await ready(child);
      const socket = await opened(meeting.socket);
      const channel = socket && this.channelOn(socket);
      const welcome = channel && (await this.greet(channel));
      if (!welcome) throw new Error("the proxy ended as soon as it was started");
      logger.info({ proxy: welcome.pid }, "the proxy was started");
      this.startedAt = Date.now();
      return channel;
    } finally {
      meeting.forget();
    }
  }

  private channelOn(socket: Socket): Channel {
    const channel: Channel = new Channel(socket, {
      log: ({ level, fields, message }) => this.options.logger[level](fields, message),
      closed: () => {
        if (channel === this.channel && !this.isClosing) void this.replace();
      },
    });
    return channel;
  }

  private greet(channel: Channel): Promise<Replies["hello"] | undefined> {
    const { staysMs, trusted } = this.options;
    return channel.ask({ type: "hello", code: codeOf(), staysMs, trusted }, HELLO_MS);
  }

  private async replace(): Promise<void> {
    this.channel = undefined;
    const { logger } = this.options;
    if (Date.now() - this.startedAt > STABLE_MS) this.starts = 0;
    const { dataDir } = this.options;
    if (dataDir !== undefined && (await isMet(socketOf(dataDir)))) {
      // It left for the server that has the folder now, and ends with that one.
      logger.warn({}, "the proxy belongs to another server now");
      return;
    }
    await Promise.race([this.processEnded, delay(PAUSES_MS[2], undefined, { ref: false })]);
    logger.error(this.lastWords(), "the proxy ended: it is started again");
    while (!this.isClosing) {
      await delay(PAUSES_MS[Math.min(this.starts++, PAUSES_MS.length - 1)], undefined, { ref: false });
      if (this.isClosing) return;
      try {
        const channel = await this.launch();
        this.channel = channel;
        if (this.isClosing) return this.close();
        await this.tell(this.routes);
        if (this.listening) await this.listen(this.listening.host, this.listening.port);
        return;
      } catch (error) {
        logger.error({ ...this.lastWords(), error: String(error) }, "the proxy could not be started");
        const { channel } = this;
        this.channel = undefined;
        // Left to itself it would wait for a server.
        await channel?.ask({ type: "end" }, ORDER_MS);
        channel?.close();
      }
    }
  }

  private observe(child: ChildProcess): void {
    let said = "";
    let ended: object = {};
    child.stderr?.setEncoding("utf8").on("data", text => {
      said = (said + text).slice(-LAST_WORDS);
    });
    this.lastWords = () => ({ ...ended, ...(said === "" ? {} : { said: said.trim() }) });
    this.child = child;
    this.processEnded = new Promise(resolve => {
      child.once("close", (code, signal) => {
        ended = { code, signal };
        resolve();
      });
      child.once("error", error => {
        ended = { error: String(error) };
        resolve();
      });
    });
    child.unref();
  }
}

/** Whether somebody is there. A process that dies may still be connected to, but not for long. */
async function isMet(path: string): Promise<boolean> {
  const socket = await opened(path);
  if (!socket) return false;
  const closed = new Promise<boolean>(resolve => socket.once("close", () => resolve(false)).resume());
  const isThere = await Promise.race([closed, delay(DYING_MS, true, { ref: false })]);
  socket.destroy();
  return isThere;
}

/** Undefined when nobody is there. */
function opened(path: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect(path);
    // It stays: one that breaks off later is closed, and no more.
    socket.on("error", () => resolve(undefined));
    socket.once("connect", () => resolve(socket));
  });
}

/** Its first line says that it can be met; its death is noticed as well. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise<void>(resolve => {
    child.stdout?.once("data", () => resolve());
    child.once("close", () => resolve()).once("error", () => resolve());
  }).then(() => {
    child.stdout?.destroy();
    // The server ends although its proxy says nothing.
    const { stderr } = child;
    if (stderr && "unref" in stderr && typeof stderr.unref === "function") stderr.unref();
  });
}

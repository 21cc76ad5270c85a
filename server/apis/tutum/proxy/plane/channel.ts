/** Messages between the server and its proxy, a line of JSON each, over a connection that only their user can open. */
import type { Socket } from "node:net";
import type { Route } from "./routes";

/** What is asked of the proxy. A server of any version says `hello`, `succeed` and `end` to a proxy of any version. */
export type Order =
  /** The first word of a server: from now on the proxy is its own. */
  | { type: "hello"; code: string; staysMs: number; trusted: readonly string[] }
  | { type: "listen"; host: string; port: number }
  /** All routes there are, or those that changed. */
  | { type: "routes"; all: boolean; routes: readonly Route[] }
  /** Another copy of the code takes over. */
  | { type: "succeed"; entry: string; execPath: string; code: string }
  /** The next `end` counts as the server's absence. */
  | { type: "stay" }
  | { type: "end" };

export interface Replies {
  hello: { pid: number; isSame: boolean };
  listen: { port: number } | { code: string; message: string };
  routes: Record<string, never>;
  succeed: { isDone: boolean };
  stay: { staysMs: number };
  end: { stays: boolean };
}

export interface LogEntry {
  level: "info" | "warn" | "error";
  fields: object;
  message: string;
}

type Line = { id: number; order: Order } | { re: number; reply: object } | { log: LogEntry };

export interface ChannelEvents {
  order?(order: Order): Promise<object>;
  log?(entry: LogEntry): void;
  closed(): void;
}

export class Channel {
  private readonly waiting = new Map<number, (reply: object | undefined) => void>();
  private count = 0;

  constructor(
    readonly socket: Socket,
    private readonly events: ChannelEvents,
  ) {
    let begun = "";
    socket.setEncoding("utf8");
    socket.on("data", text => {
      const lines = (begun + text).split("\n");
      begun = lines.pop() ?? "";
      for (const line of lines) this.take(line);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      for (const resolve of this.waiting.values()) resolve(undefined);
      this.waiting.clear();
      events.closed();
    });
  }

  /** Undefined when the other side is gone, or says nothing in time. */
  ask<T extends Order>(order: T, withinMs: number): Promise<Replies[T["type"]] | undefined> {
    return new Promise(resolve => {
      if (!this.socket.writable) return resolve(undefined);
      const id = this.count++;
      const timer = setTimeout(() => answered(undefined), withinMs);
      const answered = (reply: object | undefined) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        resolve(reply as Replies[T["type"]] | undefined);
      };
      this.waiting.set(id, answered);
      this.send({ id, order });
    });
  }

  log(entry: LogEntry): void {
    this.send({ log: entry });
  }

  close(): void {
    this.socket.end();
  }

  private take(text: string): void {
    try {
      const line = JSON.parse(text) as Line;
      if ("re" in line) this.waiting.get(line.re)?.(line.reply);
      else if ("log" in line) this.events.log?.(line.log);
      else this.carryOut(line.id, line.order).catch(() => this.socket.destroy());
    } catch {
      this.socket.destroy();
    }
  }

  private async carryOut(id: number, order: Order): Promise<void> {
    const reply = await this.events.order?.(order);
    if (reply) this.send({ re: id, reply });
  }

  private send(line: Line): void {
    if (this.socket.writable) this.socket.write(`${JSON.stringify(line)}\n`);
  }
}

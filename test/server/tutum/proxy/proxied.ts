/** A proxy before real HTTP servers that stand for containers, and raw connections to both. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
} from "node:net";
import type { ProxyLimits } from "../../../../server/apis/tutum/proxy/plane/limits";
import { createProxy, type ReverseProxy } from "../../../../server/apis/tutum/proxy/plane/proxy";
import type { Address, Claim } from "../../../../server/apis/tutum/proxy/plane/routes";
import { silentLogger } from "../../../../server/host/ports/logger";
import { atEnd } from "../../harness";

/** Host name -> who answers; the test may change it at any time. */
export class Claims {
  private readonly hosts = new Set<string>();

  constructor(private readonly proxy: Pick<ReverseProxy, "change">) {}

  /** The newest first. */
  set(host: string, ...claims: Claim[]): void {
    this.hosts.add(host);
    this.proxy.change([[host, claims]]);
  }

  clear(): void {
    this.proxy.change([...this.hosts].map(host => [host, []]));
  }
}

export interface TestProxy extends ReverseProxy {
  port: number;
  claims: Claims;
  /** The container at `web.example.com` from now on, and nothing else. */
  only(...addresses: Address[]): void;
}

export async function startProxy(limits: Partial<ProxyLimits> = {}): Promise<TestProxy> {
  const proxy = createProxy({ logger: silentLogger, limits });
  const claims = new Claims(proxy);
  proxy.server.listen(0, "127.0.0.1");
  await once(proxy.server, "listening");
  atEnd(() => proxy.close());
  const { port } = proxy.server.address() as AddressInfo;
  const only = (...addresses: Address[]) => claims.set("web.example.com", { application: "web", addresses });
  return { ...proxy, port, claims, only };
}

export interface Container extends Address {
  server: Server;
  /** Requests it got. */
  seen: IncomingMessage[];
}

/** An HTTP server on the loopback; it tells its name unless `answer` says otherwise. */
export async function startContainer(name: string, answer?: RequestListener): Promise<Container> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    if (answer) answer(request, response);
    else request.resume().on("end", () => response.end(name));
  });
  const address = await listen(server);
  return { ...address, server, seen };
}

/** One that gets and sends bare bytes. */
export async function startRaw(
  onData: (received: string, write: (bytes: string) => void) => void,
): Promise<Address> {
  const server = createTcpServer(socket => {
    let received = "";
    socket.on("error", () => {});
    socket.on("data", data => {
      received += data.toString("latin1");
      onData(received, bytes => void socket.end(bytes, "latin1"));
    });
  });
  return listen(server);
}

async function listen(server: Server | TcpServer): Promise<Address> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** An address at which nobody listens. */
export async function nobody(): Promise<Address> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return { host: "127.0.0.1", port };
}

/** Sends bytes, and resolves with all that came until the connection ended. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(bytes, "latin1");
  let received = "";
  socket.on("data", data => {
    received += data.toString("latin1");
  });
  // `once` would reject for a connection that was reset.
  await new Promise(resolve => socket.on("close", resolve));
  return received;
}

export interface ProxyAnswer {
  status: number;
  text: string;
  headers: Map<string, string>;
}

/** A request through the proxy, on a connection of its own. */
export async function ask(
  port: number,
  host: string,
  { method = "GET", path = "/", headers = [] as string[], body = "" } = {},
): Promise<ProxyAnswer> {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...headers];
  if (body !== "") lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  const answer = await exchange(port, `${lines.join("\r\n")}\r\n\r\n${body}`);
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const [status = "", ...fields] = head.split("\r\n");
  const named = new Map(
    fields.map(field => [field.split(": ")[0]?.toLowerCase() ?? "", field.split(": ")[1] ?? ""]),
  );
  const text = rest.join("\r\n\r\n");
  const chunked = named.get("transfer-encoding") === "chunked";
  return { status: Number(status.split(" ")[1]), headers: named, text: chunked ? unchunked(text) : text };
}

function unchunked(text: string): string {
  const size = Number.parseInt(text, 16);
  const start = text.indexOf("\r\n") + 2;
  return size > 0 ? text.slice(start, start + size) + unchunked(text.slice(start + size + 2)) : "";
}

/** Exchanges through a proxy's process, made up by chance: what a visitor sends and a container answers, and how they leave. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type Chance, chanceOf } from "../simulation/chance";

/** Bytes that one side writes, and what it does then. */
export interface Part {
  writes: string[];
  /** `stay`: until the other side ends. */
  leaves: "end" | "close" | "reset" | "stay";
  /** It leaves as soon as something came, instead of when all is written. */
  onData: boolean;
}

const SIDES_LEAVE: Part["leaves"][] = ["end", "close", "reset", "stay"];
/** A visitor that got no end leaves after this. */
const PATIENCE_MS = 2_000;

export const HOSTS = ["a.example.com", "b.example.com", "c.example.com"];

/** A path that no visitor asks for: it stands in bodies, and is only a request to who reads them as one. */
export const SMUGGLED = "/smuggled";

function pick<T>(chance: Chance, values: readonly T[]): T {
  return values[Math.floor(chance() * values.length)] as T;
}

const CODES = [
  200, 200, 200, 200, 200, 200, 204, 304, 206, 301, 404, 500, 599, 100, 101, 102, 103, 0, 99, 600, 999,
];
const BODIES = ["", "ok", "x".repeat(100), "y".repeat(70_000), "2\r\nok\r\n0\r\n\r\n"];
const CHUNKS = [
  "2\r\nok\r\n0\r\n\r\n",
  "2\r\nok\r\n0\r\nX-T: 1\r\n\r\n",
  "2;ext=1\r\nok\r\n0\r\n\r\n",
  "zz\r\nok\r\n",
  "ffffffffffffffff1\r\nok",
  "2\r\nokay\r\n0\r\n\r\n",
  "0\r\n\r\nmore",
];
const ANSWER_HEADERS = [
  "Trailer: X-T",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: X-Hop, Upgrade",
  "X-Hop: 1",
  "Upgrade: websocket",
  "Upgrade: h2c",
  "Keep-Alive: timeout=1",
  "Proxy-Authenticate: Basic",
  'Content-Disposition: attachment; filename="\xe9\xff.txt"',
  "X-Bytes: \xe9",
  "Set-Cookie: a=1",
  "Set-Cookie: b=2",
  "Date: Thu, 01 Jan 1970 00:00:00 GMT",
];
/** With one of these it is no response. */
const BAD_HEADERS = [": nothing", "X-Bytes: \x01\x7f", "Bad Name: x", `X-Long: ${"z".repeat(20_000)}`];

function some(chance: Chance, values: readonly string[], most: number): string[] {
  return Array.from({ length: Math.floor(chance() * (most + 1)) }, () => pick(chance, values));
}

export function containerPart(chance: Chance, asked = ""): Part {
  const version = pick(chance, [
    ...Array(20).fill("HTTP/1.1"),
    ...Array(4).fill("HTTP/1.0"),
    "HTTP/2.0",
    "ICY",
    "",
  ]);
  const code = String(pick(chance, CODES)).padStart(3, "0");
  const reason = pick(chance, ["OK", "", "Not\x1b[31mred", "caf\xe9"]);
  const framing = pick(chance, [
    "length",
    "length",
    "length",
    "chunks",
    "chunks",
    "none",
    "none",
    "wrong",
    "both",
  ]);
  const body = framing === "chunks" ? pick(chance, CHUNKS) : pick(chance, BODIES);
  const headers = [
    ...some(chance, ANSWER_HEADERS, 4),
    ...(chance() < 0.05 ? [pick(chance, BAD_HEADERS)] : []),
    ...(framing === "length" || framing === "both" ? [`Content-Length: ${body.length}`] : []),
    ...(framing === "wrong" ? [`Content-Length: ${pick(chance, [body.length + 5, 1, -1, "x"])}`] : []),
    ...(framing === "chunks" || framing === "both" ? ["Transfer-Encoding: chunked"] : []),
  ];
  const likely = /^upgrade: websocket/im.test(asked) ? 0.6 : 0.03;
  const switches = chance() < likely ? ["Connection: Upgrade", "Upgrade: websocket"] : [];
  const first = switches.length > 0 ? "HTTP/1.1 101 Switching Protocols" : `${version} ${code} ${reason}`;
  const head = `${first}\r\n${[...headers, ...switches].join("\r\n")}\r\n\r\n`;
  const whole = chance() < 0.05 ? pick(chance, ["", "\r\n", "SSH-2.0\r\n", "\0\0\0"]) : head + body;
  return leaving(chance, cut(chance, whole));
}

const METHODS = ["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FOO"];
const ASKED_HEADERS = [
  "Connection: close",
  "Connection: Upgrade",
  "Connection: X-Hop",
  "X-Hop: 1",
  "Upgrade: websocket",
  "Upgrade: h2c",
  "Expect: 100-continue",
  "TE: trailers",
  "Trailer: X-T",
  "X-Forwarded-For: 1.2.3.4",
  "Cookie: a=\xe9",
  "Authorization: ApiKey a:b",
];

function request(chance: Chance): string {
  const upgrades = chance() < 0.25;
  const method = upgrades ? "GET" : pick(chance, METHODS);
  const version = chance() < 0.15 ? pick(chance, ["HTTP/1.0", "HTTP/1.0", "HTTP/0.9", "HTTP/3"]) : "HTTP/1.1";
  const path = chance() < 0.03 ? pick(chance, ["*", "http://x/", "x"]) : "/asked";
  const framing = upgrades
    ? "none"
    : pick(chance, ["none", "none", "length", "chunks", "chunks", "length", "wrong", "hidden"]);
  const inner = `GET ${SMUGGLED} HTTP/1.1\r\nHost: a.example.com\r\n\r\n`;
  const body = pick(chance, ["", "hello", "w".repeat(50_000), inner]);
  const many = framing === "hidden" || chance() < 0.02 ? 900 + Math.floor(chance() * 1_000) : 0;
  const headers = [
    `Host: ${chance() < 0.97 ? pick(chance, HOSTS) : pick(chance, ["", "x y", "nobody.example.com"])}`,
    ...(upgrades ? ["Connection: Upgrade", "Upgrade: websocket"] : []),
    ...some(chance, ASKED_HEADERS, chance() < 0.5 ? 0 : 3),
    ...(chance() < 0.03 ? [pick(chance, ["Expect: something", "Host: d.example.com", "X-Bytes: \x01"])] : []),
    ...Array.from({ length: many }, () => "a:"),
    ...(framing === "length" ? [`Content-Length: ${body.length}`] : []),
    ...(framing === "wrong" ? [`Content-Length: ${pick(chance, [body.length + 5, "-1", "1, 2"])}`] : []),
    ...(framing === "chunks" || framing === "hidden" ? ["Transfer-Encoding: chunked"] : []),
  ];
  const chunks = () => (chance() < 0.7 ? `5\r\nhello\r\n0\r\n\r\n` : pick(chance, CHUNKS));
  const hidden = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
  const sent = {
    none: upgrades ? pick(chance, ["", "x", inner]) : "",
    length: body,
    wrong: body,
    chunks: chunks(),
    hidden,
  }[framing as "none"];
  return `${method} ${path} ${version}\r\n${headers.join("\r\n")}\r\n\r\n${sent}`;
}

export function visitorPart(chance: Chance): Part {
  const requests = chance() < 0.85 ? 1 : 2 + Math.floor(chance() * 3);
  const bytes = Array.from({ length: requests }, () => request(chance)).join("");
  return leaving(chance, cut(chance, bytes));
}

/** In one piece, in several, or not to its end. */
function cut(chance: Chance, bytes: string): string[] {
  const kept = chance() < 0.12 ? bytes.slice(0, Math.floor(chance() * bytes.length)) : bytes;
  if (chance() < 0.6) return [kept];
  const at = Math.floor(chance() * kept.length);
  return [kept.slice(0, at), kept.slice(at)];
}

function leaving(chance: Chance, writes: string[]): Part {
  return { writes, leaves: pick(chance, SIDES_LEAVE), onData: chance() < 0.4 };
}

/** Plays one side; resolves when its connection is gone. */
async function play(socket: Socket, { writes, leaves, onData }: Part): Promise<void> {
  const leave = () => {
    if (leaves === "end") socket.end();
    else if (leaves === "close") socket.destroy();
    else if (leaves === "reset") socket.resetAndDestroy();
  };
  const gone = new Promise<void>(resolve => socket.once("close", () => resolve()));
  socket.on("error", () => {}).on("end", () => socket.end());
  if (onData) socket.once("data", leave);
  socket.resume();
  for (const bytes of writes) {
    if (!socket.writable) break;
    socket.write(bytes, "latin1");
    await new Promise(resolve => setImmediate(resolve));
  }
  if (!onData) leave();
  await gone;
}

export interface Containers {
  addresses: { host: string; port: number }[];
  /** Connections that are open now. */
  open(): number;
  /** Requests that no visitor made. */
  smuggled(): number;
  close(): void;
}

/** Each connection to them is answered by chance. */
export async function startContainers(seed: number, count: number): Promise<Containers> {
  let connections = 0;
  let smuggled = 0;
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  for (let n = 0; n < count; n++) {
    const server = createServer({ allowHalfOpen: true }, socket => {
      const chance = chanceOf(seed + connections++);
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => void sockets.delete(socket));
      socket.on("end", () => socket.end());
      let heard = "";
      socket.on("data", bytes => {
        heard = (heard + bytes.toString("latin1")).slice(-200_000);
        if (bodylessThenMore(heard)) smuggled++;
      });
      // It may speak before it was asked, or not at all.
      if (chance() < 0.05) void play(socket, containerPart(chance));
      else socket.once("data", bytes => void play(socket, containerPart(chance, bytes.toString("latin1"))));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
  }
  return {
    addresses: servers.map(server => ({ host: "127.0.0.1", port: (server.address() as AddressInfo).port })),
    open: () => sockets.size,
    smuggled: () => smuggled,
    close: () => {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A head that announces no body and no other protocol, and then another request. */
function bodylessThenMore(heard: string): boolean {
  const end = heard.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = heard.slice(0, end);
  if (/^(content-length: [1-9]|transfer-encoding:|upgrade:)/im.test(head)) return false;
  return heard.slice(end + 4).includes(SMUGGLED);
}

/** Resolves when the visitor is gone. */
export async function visit(port: number, chance: Chance): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
  await play(socket, visitorPart(chance));
  clearTimeout(timer);
}

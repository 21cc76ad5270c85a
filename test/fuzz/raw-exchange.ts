/** Bytes for the API's port: requests in a row, damaged, sent in pieces, cut off, reset, or never read. */
import { connect } from "node:net";
import type { Chance } from "../simulation/chance";

const ROOT = "/api/v1/application/";
const AUTHORIZATION = "Authorization: ApiKey admin:secret-key";

/** What came back until the connection ended. */
export async function exchange(port: number, chance: Chance): Promise<string> {
  const bytes = Buffer.from(damaged(requests(chance), chance), "latin1");
  const end = pick(chance, ["finish", "finish", "finish", "reset", "reset", "unread"]);
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("error", () => {});
  if (end === "unread") socket.pause();
  else socket.on("data", data => (received += data.toString("latin1")));
  const closed = new Promise(resolve => socket.on("close", resolve));
  await new Promise(resolve => socket.once("connect", resolve).once("close", resolve));
  const whole = end === "reset" ? bytes.subarray(0, Math.floor(chance() * bytes.length)) : bytes;
  const pieces = pick(chance, [1, 1, 2, 5]);
  for (let at = 0; at < pieces; at++) {
    const piece = whole.subarray((at * whole.length) / pieces, ((at + 1) * whole.length) / pieces);
    socket.write(piece);
    if (pieces > 1) await new Promise(resolve => setImmediate(resolve));
  }
  if (end === "finish") socket.end();
  else socket.resetAndDestroy();
  // The server ends what is finished; should it not, that is found by its time-outs, which are not waited for here.
  const patience = setTimeout(() => socket.destroy(), 5_000);
  await closed;
  clearTimeout(patience);
  return received;
}

function requests(chance: Chance): string {
  const count = pick(chance, [1, 1, 1, 2, 3, 12]);
  return Array.from({ length: count }, () => oneRequest(chance)).join("");
}

function oneRequest(chance: Chance): string {
  if (chance() < 0.3) return `GET ${ROOT}?limit=1 HTTP/1.1\r\nHost: localhost\r\n${AUTHORIZATION}\r\n\r\n`;
  const method = pick(chance, ["GET", "GET", "POST", "PATCH", "DELETE", "HEAD", "TRACE", "CONNECT", "PRI"]);
  const target = pick(chance, [
    ...[ROOT, ROOT, `${ROOT}?limit=1`, `${ROOT}nothing/`, "/docs/", "/openapi.json", "/_tutum/state"],
    ...[
      "*",
      "//",
      "/%zz",
      "/..%2f..",
      "http://localhost/",
      `/${"a".repeat(pick(chance, [50, 9_000, 20_000]))}`,
    ],
  ]);
  const version = pick(chance, ["1.1", "1.1", "1.1", "1.0", "0.9", "2.0", "9"]);
  const body = pick(chance, ["", "{}", '{"image":"a/b"}', "x".repeat(3_000), "\xff\xfe", '{"a":']);
  const lines = [
    `${method} ${target} HTTP/${version}`,
    pick(chance, [
      "Host: localhost",
      "Host: localhost",
      "Host: evil",
      "Host: a\r\nHost: b",
      "host:[::1]",
      "",
    ]),
    pick(chance, [AUTHORIZATION, AUTHORIZATION, "Authorization: ApiKey a:b", ""]),
    pick(chance, ["Content-Type: application/json", "Content-Type: text/plain", "Content-Type: ;;", ""]),
    pick(chance, [
      "",
      "",
      "Connection: close",
      "Connection: Upgrade\r\nUpgrade: websocket",
      "Expect: 100-continue",
    ]),
    pick(chance, [
      "",
      "",
      "X-Forwarded-For: 1.2.3.4",
      "Origin: null",
      "Sec-Fetch-Site: cross-site",
      " folded: x",
    ]),
    pick(chance, ["", "", "", "a: b\r\n".repeat(1_500).trimEnd(), "x: \x01\x02", "NoColon"]),
  ];
  const length = Buffer.byteLength(body, "latin1");
  const framing = pick(chance, ["length", "length", "chunked", "wrong", "both", "none"]);
  if (framing === "length" || framing === "both") lines.push(`Content-Length: ${length}`);
  if (framing === "wrong")
    lines.push(`Content-Length: ${pick(chance, ["-1", "1e3", "999999999999999999999", "7, 8", "0x10"])}`);
  if (framing !== "chunked" && framing !== "both")
    return `${lines.filter(Boolean).join("\r\n")}\r\n\r\n${body}`;
  lines.push(
    `Transfer-Encoding: ${pick(chance, ["chunked", "chunked", "gzip, chunked", "chunked, gzip", "Chunked "])}`,
  );
  const size = pick(chance, [length.toString(16), "zz", "ffffffffffffffffff", `${length.toString(16)};a=b`]);
  const trailer = pick(chance, ["", "", "X-Trailer: y\r\n", "Host: again\r\n"]);
  return `${lines.filter(Boolean).join("\r\n")}\r\n\r\n${size}\r\n${body}\r\n0\r\n${trailer}\r\n`;
}

/** Half of them as they are. */
function damaged(text: string, chance: Chance): string {
  if (chance() < 0.5) return text;
  const at = Math.floor(chance() * text.length);
  const junk = pick(chance, ["\r", "\n", "\0", "\r\n\r\n", " ", ":", "\xff", "GET / HTTP/1.1\r\n"]);
  return pick(chance, [
    text.slice(0, at) + junk + text.slice(at),
    text.slice(0, at) + text.slice(at + Math.ceil(chance() * 20)),
    text.slice(0, at) + text.slice(Math.max(0, at - 30)),
    text.slice(at),
    text.replace(/\r\n/g, "\n"),
  ]);
}

function pick<T>(chance: Chance, values: readonly T[]): T {
  return values[Math.floor(chance() * values.length)] as T;
}

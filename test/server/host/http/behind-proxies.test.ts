/**
 * The blocks for nginx and Caddy in docs/running.md, as they stand there: the real proxies, with a certificate of
 * their own, in front of a server on the loopback. Without these programs the tests report themselves skipped.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connect as connectTls } from "node:tls";
import type { Logger } from "../../../../server/host/ports/logger";
import { type RunningServer, startServer } from "../../../../server/index";
import { until } from "../../../until";
import { atEnd } from "../../harness";
import { startContainer, startProxy } from "../../tutum/proxy/proxied";

const KEY = "a-key-of-one-s-own";
const API = "tutum.example.com";
const ROOT = "/api/v1/application/";
const PAGE = readFileSync(resolve(__dirname, "../../../../docs/running.md"), "utf8");
const block = (language: string) => new RegExp(`\`\`\`${language}\n([^\`]+)\`\`\``).exec(PAGE)?.[1] ?? "";

const folder = mkdtempSync(join(tmpdir(), "tutum-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [certificate, key] = [join(folder, "tutum.pem"), join(folder, "tutum.key")];

const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const missing = ["openssl version", "nginx -v", "caddy version"].filter(command => {
  const [program = "", ...args] = command.split(" ");
  return !has(program, ...args);
});
if (missing.length > 0) process.stderr.write(`skipped: proxies in front (no ${missing.join(", ")})\n`);
else {
  const names = `subjectAltName=DNS:${API},DNS:web.example.com`;
  const made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=tutum";
  const files = ["-keyout", key, "-out", certificate, "-addext", names];
  execFileSync("openssl", [...made.split(" "), ...files], { stdio: "pipe" });
}

interface Ports {
  tls: number;
  api: number;
  web: number;
}

/** The block of the page, with this test's ports and files. */
function adapted(text: string, { tls, api, web }: Ports): string {
  return text
    .replaceAll("listen 443", `listen ${tls}`)
    .replaceAll("/etc/ssl/tutum.pem", certificate)
    .replaceAll("/etc/ssl/tutum.key", key)
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${api}`)
    .replaceAll("127.0.0.1:8081", `127.0.0.1:${web}`);
}

const PROXIES: Record<string, (ports: Ports, other: number) => string[]> = {
  nginx: ports => {
    const file = join(folder, "nginx.conf");
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      kind => `${kind}_temp_path ${folder}/${kind};`,
    );
    const user = process.getuid?.() === 0 ? "user root;" : "";
    writeFileSync(
      file,
      `daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes 1; ${user}
events {}
http { access_log off; ${paths.join(" ")}
${adapted(block("nginx"), ports)} }`,
    );
    return ["nginx", "-p", folder, "-c", file];
  },
  caddy: (ports, other) => {
    const file = join(folder, "Caddyfile");
    const options = `{\n\tadmin off\n\tauto_https disable_redirects\n\thttp_port ${other}\n\thttps_port ${ports.tls}\n}\n`;
    writeFileSync(file, options + adapted(block("caddyfile"), ports));
    return ["caddy", "run", "--adapter", "caddyfile", "--config", file];
  },
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A client of its own address on the loopback, to which the name leads. */
function ask(
  port: number,
  host: string,
  path: string,
  { from = "127.0.0.1", method = "GET", headers = {} as Record<string, string> } = {},
): Promise<{ status: number | undefined; text: string }> {
  const target = { host: "127.0.0.1", port, servername: host, localAddress: from, agent: false as const };
  return new Promise((done, failed) => {
    const sent = {
      ...target,
      path,
      method,
      ca: readFileSync(certificate),
      headers: { Host: host, ...headers },
    };
    const read = async (response: IncomingMessage) =>
      done({ status: response.statusCode, text: (await response.toArray()).join("") });
    request(sent, response => void read(response).catch(failed))
      .on("error", failed)
      .end();
  });
}

const withKey = (apikey: string) => ({ Authorization: `ApiKey admin:${apikey}` });

describe.each(Object.keys(PROXIES))("%s in front, as docs/running.md has it", name => {
  const lines: Record<string, unknown>[] = [];
  const note = (fields: object) => void lines.push({ ...fields });
  const logger: Logger = { info: note, warn: note, error: note };

  async function start(web = 1): Promise<{ tls: number; server: RunningServer }> {
    const server = await startServer({
      ...{ apikey: KEY, control: true, allowHosts: [API], trustProxy: ["127.0.0.1"], logger },
    });
    atEnd(() => server.close());
    const ports = { tls: await freePort(), api: server.port, web };
    const [program = "", ...args] = PROXIES[name]?.(ports, await freePort()) ?? [];
    const home = join(folder, "home");
    mkdirSync(home, { recursive: true });
    const env = { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
    const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", data => {
      said += data;
    });
    const ended = once(child, "close");
    atEnd(async () => {
      child.kill("SIGTERM");
      await ended;
    });
    await until(async () => {
      if (child.exitCode !== null) throw new Error(said);
      return ask(ports.tls, API, "/openapi.json").then(
        ({ status }) => status === 200,
        () => false,
      );
    }, `${name} answers`);
    return { tls: ports.tls, server };
  }

  (missing.length > 0 ? test.skip : test)(
    "the API answers by its name, guesses are counted by client, the log has the client, /_tutum/ does not exist",
    async () => {
      const { tls, server } = await start();
      expect((await ask(tls, API, ROOT, { headers: withKey(KEY) })).status).toBe(200);
      const Origin = `https://${API}`;
      const tried = await ask(tls, API, ROOT, { method: "POST", headers: { ...withKey(KEY), Origin } });
      expect(tried.text).toContain("must be a JSON object");

      const guess = () => ask(tls, API, ROOT, { from: "127.0.0.2", headers: withKey("wrong") });
      await until(async () => {
        const answers = await Promise.all(Array.from({ length: 20 }, guess));
        return answers.some(({ status }) => status === 429);
      }, "guesses are held up");
      expect((await ask(tls, API, ROOT, { from: "127.0.0.2", headers: withKey(KEY) })).status).toBe(200);
      expect((await ask(tls, API, ROOT, { from: "127.0.0.3", headers: withKey("wrong") })).status).toBe(401);
      expect(lines).toContainEqual(expect.objectContaining({ client: "127.0.0.2", status: 200 }));

      for (const Authorization of [`Bearer ${server.control?.token}`, "Bearer wrong"]) {
        expect((await ask(tls, API, "/_tutum/state", { headers: { Authorization } })).status).toBe(404);
      }
    },
  );

  (missing.length > 0 ? test.skip : test)(
    "an application is told https and the client's address, and WebSockets pass",
    async () => {
      const web = await startProxy();
      web.trust(["127.0.0.1"]);
      const container = await startContainer("web");
      container.server.on("upgrade", (_request, socket) => {
        socket.on("error", () => {});
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        socket.on("data", data => socket.end(data));
      });
      web.only(container);
      const { tls } = await start(web.port);

      const answer = await ask(tls, "web.example.com", "/", { from: "127.0.0.2" });
      expect(answer).toEqual({ status: 200, text: "web" });
      expect(container.seen[0]?.headers).toMatchObject({
        host: "web.example.com",
        "x-forwarded-proto": "https",
        "x-forwarded-for": expect.stringContaining("127.0.0.2"),
      });

      const socket = connectTls({
        ...{ host: "127.0.0.1", port: tls, servername: "web.example.com", ca: readFileSync(certificate) },
        ALPNProtocols: ["http/1.1"],
      });
      atEnd(() => socket.destroy());
      await once(socket, "secureConnect");
      socket.write(
        "GET / HTTP/1.1\r\nHost: web.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      );
      let received = "";
      socket.on("data", data => {
        received += data;
      });
      await until(() => received.includes("\r\n\r\n"));
      expect(received).toMatch(/^HTTP\/1\.1 101 /);
      socket.write("there and back");
      await until(() => received.includes("there and back"));
    },
  );
});

/** What a client or a container may take of the proxy, and what of a message passes it as it was sent. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { atEnd } from "../../harness";
import { ask, exchange, startContainer, startProxy, startRaw, type TestProxy } from "./proxied";

const HOST = "web.example.com";
const get = (...headers: string[]) =>
  `GET / HTTP/1.1\r\n${[`Host: ${HOST}`, ...headers].join("\r\n")}\r\n\r\n`;

test("a client that does not finish its head is let go", async () => {
  const proxy = await startProxy({ headMs: 50 });
  expect(await exchange(proxy.port, "GET / HTTP/1.1\r\nHost: w")).toMatch(/^HTTP\/1.1 408 /);
  expect(await exchange(proxy.port, "")).toMatch(/^(HTTP\/1.1 408 |$)/);
});

test("a client that does not send the body it announced is told so", async () => {
  const proxy = await startProxy({ clientMs: 50 });
  proxy.only(await startContainer("web"));
  const answer = await exchange(
    proxy.port,
    `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 5\r\n\r\nhe`,
  );
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
});

test("a client that reads nothing is let go, and so is the container's connection", async () => {
  const proxy = await startProxy({ clientMs: 50 });
  let gone: Promise<unknown> | undefined;
  const web = await startContainer("web", (request, response) => {
    // `once` would reject for a connection that was reset.
    gone = new Promise(resolve => request.socket.on("close", resolve));
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(1 << 16)));
    };
    response.on("drain", more);
    more();
  });
  proxy.only(web);
  const socket = connect(proxy.port, "127.0.0.1").on("error", () => {});
  socket.write(get());
  await once(web.server, "request");
  await gone;
  socket.destroy();
});

test("pages that nobody reads don't pile up", async () => {
  const proxy = await startProxy({ clientMs: 50 });
  proxy.only(await startContainer("web", (_, response) => void response.end("x".repeat(4 << 20))));
  const socket = connect(proxy.port, "127.0.0.1").on("error", () => {});
  const closed = once(proxy.server, "connection").then(
    ([far]) => new Promise(resolve => far.on("close", resolve)),
  );
  socket.write(get().repeat(20));
  await closed;
  socket.destroy();
});

test("more requests ahead than allowed end the connection", async () => {
  const proxy = await startProxy({ pipelined: 3 });
  proxy.only(await startContainer("web", () => {}));
  expect(await exchange(proxy.port, get().repeat(10))).toBe("");
});

test("requests sent ahead reach the containers one after another", async () => {
  const proxy = await startProxy();
  let under = 0;
  let most = 0;
  const web = await startContainer("web", (_, response) => {
    most = Math.max(most, ++under);
    setImmediate(() => {
      under--;
      response.end("ok");
    });
  });
  proxy.only(web);
  const answer = await exchange(proxy.port, get().repeat(4) + get("Connection: close"));
  expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(5);
  expect(most).toBe(1);
});

test("a silent WebSocket is ended after its time", async () => {
  const proxy = await startProxy({ tunnelMs: 50 });
  proxy.only(
    await startRaw(() => {}).then(async () => {
      const container = await startContainer("web");
      container.server.on("upgrade", (_, socket) => {
        socket.on("error", () => {});
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      });
      return container;
    }),
  );
  expect(await exchange(proxy.port, get("Connection: Upgrade", "Upgrade: websocket"))).toMatch(
    /^HTTP\/1.1 101 /,
  );
});

test.each([201, 1_100, 3_000])("%d headers are refused, and no body becomes a request", async count => {
  const proxy = await startProxy();
  const web = await startContainer("web");
  proxy.only(web);
  const many = Array.from({ length: count - 2 }, () => "a:");
  const inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const body = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
  const answer = await exchange(proxy.port, get(...many, "Transfer-Encoding: chunked") + body);
  expect(answer).toMatch(/^HTTP\/1.1 431 /);
  expect(web.seen).toHaveLength(0);
});

test("200 headers arrive, all of them", async () => {
  const proxy = await startProxy();
  const web = await startContainer("web");
  proxy.only(web);
  const headers = Array.from({ length: 198 }, (_, n) => `X-${n}: ${n}`);
  await exchange(proxy.port, get(...headers, "Connection: close"));
  expect((web.seen[0] as IncomingMessage).headers["x-197"]).toBe("197");
});

test("bytes of header values are the same on the other side, in both directions", async () => {
  const proxy = await startProxy();
  const sent = 'attachment; filename="\xc3\xa9\xe9\xff.txt"';
  let received = "";
  proxy.only(
    await startRaw((bytes, write) => {
      received = bytes;
      if (!bytes.includes("\r\n\r\n")) return;
      write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Disposition: ${sent}\r\nX: ${sent}\r\n\r\nok`);
    }),
  );
  const body = `Content-Length: 0\r\nContent-Disposition: ${sent}\r\nCookie: ${sent}\r\n\r\n`;
  const answer = await exchange(
    proxy.port,
    `POST / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n${body}`,
  );
  expect(received).toContain(`\r\nContent-Disposition: ${sent}\r\n`);
  expect(received).toContain(`\r\nCookie: ${sent}\r\n`);
  expect(answer).toContain(`\r\nContent-Disposition: ${sent}\r\n`);
  expect(answer).toContain(`\r\nX: ${sent}\r\n`);
});

test("a response's headers for one hop end at the proxy, with those that Connection names", async () => {
  const proxy = await startProxy();
  const head = [
    "HTTP/1.1 200 O\x1bK",
    "Connection: X-Hop, Content-Length",
    "X-Hop: 1",
    "Upgrade: h2c",
    "Proxy-Authenticate: Basic",
    "Proxy-Connection: x",
    "Keep-Alive: timeout=9",
    "X-Kept: 1",
    "Content-Length: 2",
  ];
  proxy.only(await startRaw((_, write) => write(`${head.join("\r\n")}\r\n\r\nok`)));
  const answer = await exchange(proxy.port, get("Connection: close"));
  expect(answer).toMatch(/^HTTP\/1.1 200 O\?K\r\n/);
  expect(answer).not.toMatch(/x-hop|upgrade|proxy-|timeout=9/i);
  expect(answer).toMatch(/\r\nX-Kept: 1\r\n/);
  expect(answer).toMatch(/\r\nConnection: close\r\n/);
});

test("Upgrade without Connection is a header like any other for one hop", async () => {
  const proxy = await startProxy();
  const web = await startContainer("web");
  proxy.only(web);
  expect(await exchange(proxy.port, get("Upgrade: websocket", "Connection: close"))).toMatch(
    /^HTTP\/1.1 200 /,
  );
  const { headers } = web.seen[0] as IncomingMessage;
  expect(headers).not.toHaveProperty("upgrade");
  expect(headers.connection).toBe("close");
});

test.each([
  ["HTTP/1.0", get("Connection: Upgrade", "Upgrade: websocket").replace("1.1", "1.0"), 501],
  ["a body", get("Connection: Upgrade", "Upgrade: websocket", "Content-Length: 5"), 400],
])("no WebSocket with %s", async (_, bytes, status) => {
  const proxy = await startProxy();
  proxy.only(await startContainer("web"));
  expect(await exchange(proxy.port, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test("a refused handshake is told in whole, and its connection ends", async () => {
  const proxy = await startProxy();
  proxy.only(
    await startRaw((_, write) => write("HTTP/1.1 200 O\x1bK\r\nX: \xe9\r\nContent-Length: 2\r\n\r\nok")),
  );
  const answer = await exchange(proxy.port, get("Connection: Upgrade", "Upgrade: websocket"));
  expect(answer).toMatch(/^HTTP\/1.1 200 O\?K\r\nX: \xe9\r\n/);
  expect(answer).toMatch(/\r\nConnection: close\r\n/);
  expect(answer).not.toMatch(/upgrade/i);
});

test("an HTTP/1.0 client gets a body without chunks", async () => {
  const proxy = await startProxy();
  proxy.only(
    await startContainer("web", (_, response) => {
      response.write("one ");
      response.end("two");
    }),
  );
  const answer = await exchange(proxy.port, `GET / HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`);
  expect(answer).toMatch(/\r\n\r\none two$/);
  expect(answer).not.toMatch(/transfer-encoding/i);
});

test("an expectation that nobody can meet is refused", async () => {
  const proxy = await startProxy();
  proxy.only(await startContainer("web"));
  expect(await exchange(proxy.port, get("Expect: miracles"))).toMatch(/^HTTP\/1.1 417 /);
});

describe("of a proxy in front", () => {
  const said = [
    "X-Forwarded-For: 203.0.113.9",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: shop.example.com",
    "X-Real-IP: 203.0.113.9",
  ];
  const seenBy = async (trusted: string[], headers = said) => {
    const proxy = await startProxy();
    proxy.trust(trusted);
    const web = await startContainer("web");
    proxy.only(web);
    await ask(proxy.port, HOST, { headers });
    return (web.seen[0] as IncomingMessage).headers;
  };

  test("that is trusted, what it says is passed on, with its own address", async () => {
    const headers = await seenBy(["127.0.0.0/8"]);
    expect(headers).toMatchObject({
      host: HOST,
      "x-forwarded-for": "203.0.113.9, 127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example.com",
      "x-forwarded-port": "443",
    });
    expect(headers).not.toHaveProperty("x-real-ip");
  });

  test("that is not trusted, nothing is believed", async () => {
    expect(await seenBy(["10.0.0.0/8"])).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": HOST,
      "x-forwarded-port": "80",
    });
  });

  test("that says nonsense, what is seen here counts", async () => {
    const nonsense = ["X-Forwarded-Proto: gopher", "X-Forwarded-Host: a b", "X-Forwarded-Port: x"];
    expect(await seenBy(["127.0.0.1"], nonsense)).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": HOST,
      "x-forwarded-port": "80",
    });
  });
});

describe("places", () => {
  /** Half a head from this address, or as much of a request as is given; resolves when it was taken. */
  async function begin(proxy: TestProxy, localAddress: string, bytes = "GET / HTTP/1.1\r\nHost: w") {
    const accepted = once(proxy.server, "connection");
    const socket = connect({ port: proxy.port, host: "127.0.0.1", localAddress }).on("error", () => {});
    socket.write(bytes);
    atEnd(() => void socket.destroy());
    await accepted;
    const ended = new Promise<"ended">(resolve => socket.on("close", () => resolve("ended")));
    return { socket, ended };
  }

  test("half-sent heads of one address take its own share alone, and the newest are kept", async () => {
    const proxy = await startProxy({ connections: 10, idleOfAddress: 3, graceMs: 0 });
    proxy.only(await startContainer("web"));
    const [first, second, third] = [
      await begin(proxy, "127.0.0.2"),
      await begin(proxy, "127.0.0.2"),
      await begin(proxy, "127.0.0.2"),
    ];
    await begin(proxy, "127.0.0.3");
    await begin(proxy, "127.0.0.2");
    await first.ended;
    await begin(proxy, "127.0.0.2");
    await second.ended;
    expect((await ask(proxy.port, HOST)).status).toBe(200);
    expect(third.socket.destroyed).toBe(false);
  });

  test("when all places are taken, who idles longest makes room; a request under way never does", async () => {
    const proxy = await startProxy({ connections: 3, graceMs: 0 });
    const web = await startContainer("web", (request, response) => {
      if (request.url !== "/slow") response.end("ok");
    });
    proxy.only(web);
    const slow = await begin(proxy, "127.0.0.2", `GET /slow HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    await once(web.server, "request");
    const idle = [await begin(proxy, "127.0.0.3"), await begin(proxy, "127.0.0.4")];
    expect((await ask(proxy.port, HOST)).status).toBe(200);
    await idle[0]?.ended;
    expect([slow, idle[1]].map(held => held?.socket.destroyed)).toEqual([false, false]);
  });

  test("a connection that waits for its next request idles too", async () => {
    const proxy = await startProxy({ idleOfAddress: 1, graceMs: 0 });
    proxy.only(await startContainer("web"));
    const kept = await begin(proxy, "127.0.0.2", get());
    await once(kept.socket, "data");
    await begin(proxy, "127.0.0.2");
    await kept.ended;
  });

  test("an address has half of the places at most, also with requests under way", async () => {
    const proxy = await startProxy({ connections: 4, connectionsOfAddress: 2, graceMs: 0 });
    const web = await startContainer("web", (request, response) => {
      if (request.url !== "/slow") response.end("ok");
    });
    proxy.only(web);
    for (let n = 0; n < 2; n++) {
      await begin(proxy, "127.0.0.2", `GET /slow HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
      await once(web.server, "request");
    }
    await (await begin(proxy, "127.0.0.2")).ended;
    expect((await ask(proxy.port, HOST)).status).toBe(200);
  });

  test("behind a trusted proxy one address is everybody: it has all places", async () => {
    const proxy = await startProxy({ connections: 4, connectionsOfAddress: 1, idleOfAddress: 1, graceMs: 0 });
    proxy.trust(["127.0.0.2"]);
    const held = [
      await begin(proxy, "127.0.0.2"),
      await begin(proxy, "127.0.0.2"),
      await begin(proxy, "127.0.0.2"),
    ];
    proxy.only(await startContainer("web"));
    expect((await ask(proxy.port, HOST)).status).toBe(200);
    expect(held.map(({ socket }) => socket.destroyed)).toEqual([false, false, false]);
  });
});

test.each(["web.example.com.", "WEB.example.com", "web.example.com.:80", "web.example.com:8080"])(
  "%s names the same application",
  async host => {
    const proxy = await startProxy();
    proxy.only(await startContainer("web"));
    expect(
      await exchange(proxy.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 200 /);
  },
);

test.each([".", "web.example.com..", "127.0.0.1.", "0x7f.1", "[::1]", "web.example.com.:x", "a@b"])(
  "%s names none",
  async host => {
    const proxy = await startProxy();
    expect(
      await exchange(proxy.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 400 /);
  },
);

/** Which container is asked: one that does not answer costs no visitor a request, and an older application stays until the newer answers. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { inCharge, inTurn, type Standing } from "../../../../server/apis/tutum/proxy/plane/choice";
import { atEnd } from "../../harness";
import { ask, startContainer, startProxy, startRaw } from "./proxied";

const HOST = "web.example.com";

/** Targets are named by their standing. */
const claim = (application: string, ...addresses: Standing[]) => ({ application, addresses });
const itself = (standing: Standing) => standing;

test.each([
  ["the newest, when it answers", [claim("new", "answers"), claim("old", "answers")], "new"],
  ["the older, until the newer answers", [claim("new", "untried"), claim("old", "answers")], "old"],
  ["the older, when the newer fails", [claim("new", "silent", "hangs"), claim("old", "answers")], "old"],
  [
    "the newest that one knows nothing of, when none answers",
    [claim("new", "untried"), claim("old", "untried")],
    "new",
  ],
  ["one that may answer before one that did not", [claim("new", "silent"), claim("old", "untried")], "old"],
  ["the newest with containers, when none is any good", [claim("new"), claim("old", "silent")], "old"],
  ["the newest, when nothing runs", [claim("new"), claim("old")], "new"],
])("in charge is %s", (_, claims, expected) => {
  expect(inCharge(claims, itself)?.application).toBe(expected);
});

test("nobody is in charge of a name without a claim", () => {
  expect(inCharge([], itself)).toBeUndefined();
});

test("those that answer, or that nobody has tried, take turns; the others come last, in every order of turns", () => {
  const targets: Standing[] = ["hangs", "answers", "silent", "untried", "new"];
  expect(inTurn(targets, 0, itself)).toEqual(["answers", "untried", "new", "silent", "hangs"]);
  expect(inTurn(targets, 2, itself)).toEqual(["untried", "answers", "new", "silent", "hangs"]);
  expect(inTurn([], 3, itself)).toEqual([]);
});

/** Takes connections and closes them, as Docker does for a container that does not listen yet; then it begins to. */
async function startSlowly(
  name: string,
): Promise<{ host: string; port: number; requests(): number; begin(): void }> {
  let isThere = false;
  let requests = 0;
  const server: Server = createServer(socket => {
    socket.on("error", () => {});
    if (!isThere) socket.destroy();
    else
      socket.once("data", () => {
        requests++;
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`);
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => server.close());
  const { port } = server.address() as AddressInfo;
  const begin = () => {
    isThere = true;
  };
  return { host: "127.0.0.1", port, requests: () => requests, begin };
}

test("a container that takes connections and closes them is passed over, and asked again when it answers", async () => {
  const proxy = await startProxy();
  const slow = await startSlowly("slow");
  proxy.only(await startContainer("web"), slow);
  for (let n = 0; n < 10; n++) expect((await ask(proxy.port, HOST)).text).toBe("web");
  slow.begin();
  const names = new Set<string>();
  while (!names.has("slow")) names.add((await ask(proxy.port, HOST)).text);
  expect([...names].sort()).toEqual(["slow", "web"]);
});

test("an older application keeps the visitors until the newer answers, and none of them notices", async () => {
  const proxy = await startProxy();
  const newer = await startSlowly("newer");
  const old = { application: "old", addresses: [await startContainer("old")] };
  proxy.claims.set(HOST, old);
  expect((await ask(proxy.port, HOST)).text).toBe("old");
  proxy.claims.set(HOST, { application: "new", addresses: [newer] }, old);
  for (let n = 0; n < 10; n++) {
    const method = n % 2 === 0 ? "GET" : "POST";
    expect((await ask(proxy.port, HOST, { method, body: n % 2 === 0 ? "" : "x" })).text).toBe("old");
  }
  newer.begin();
  let last = "old";
  while (last === "old") last = (await ask(proxy.port, HOST)).text;
  expect(last).toBe("newer");
});

/** Closes each connection when it has the head of a request. */
const closing = () => startRaw((received, write) => received.includes("\r\n\r\n") && write(""));

test.each(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])("%s goes to the next container", async method => {
  const proxy = await startProxy();
  proxy.only(await closing(), await startContainer("web"));
  expect((await ask(proxy.port, HOST, { method })).status).toBe(200);
});

test.each([
  ["POST", ""],
  ["POST", "body"],
  ["PUT", "body"],
  ["PATCH", ""],
])("%s with the body %p that a container may have got is not sent again", async (method, body) => {
  const proxy = await startProxy();
  const web = await startContainer("web");
  proxy.only(await closing(), web);
  expect((await ask(proxy.port, HOST, { method, body })).status).toBe(502);
  expect(web.seen).toHaveLength(0);
});

test("a container that hangs costs no visitor more than a moment, and comes back when it answers", async () => {
  const proxy = await startProxy({ hangMs: 20, connectMs: 100 });
  let hangs = true;
  const hanging = await startContainer("hanging", (_, response) => {
    if (!hangs) response.end("hanging");
  });
  proxy.only(hanging, await startContainer("web"));
  // Which of the two is first is a matter of turns.
  for (let n = 0; n < 6; n++) expect((await ask(proxy.port, HOST)).text).toBe("web");
  const asked = hanging.seen.filter(({ method }) => method === "GET").length;
  expect(asked).toBeLessThan(3);
  hangs = false;
  const names = new Set<string>();
  while (!names.has("hanging")) names.add((await ask(proxy.port, HOST)).text);
});

test("a slow response of a container that lives is waited for", async () => {
  const proxy = await startProxy({ hangMs: 10 });
  let finish = () => {};
  const slow = await startContainer("slow", (request, response) => {
    if (request.method === "OPTIONS") response.end();
    else finish = () => void response.end("slow");
  });
  proxy.only(await startContainer("web"), slow);
  expect((await ask(proxy.port, HOST)).text).toBe("web");
  const answer = ask(proxy.port, HOST);
  // It was asked for a sign of life, and gave it.
  while (!slow.seen.some(({ method }) => method === "OPTIONS"))
    await new Promise(resolve => setImmediate(resolve));
  finish();
  expect((await answer).text).toBe("slow");
  expect((await ask(proxy.port, HOST)).text).toBe("web");
});

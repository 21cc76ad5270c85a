import { inspect } from "node:util";
import { HttpFailure } from "../../../provider/http/http-message";
import { RetryBudget } from "../../../provider/http/retry";
import { isOvhConfigError, OvhClient, type OvhClientOptions } from "../../../provider/ovh/client";
import { scriptedTransport } from "../../http/made-up-api";
import { VirtualClock } from "../../http/virtual-clock";
import { APPLICATION, type Behaviour, CONSUMER_KEY, KEYS, madeUpOvh } from "./made-up-ovh";

type Server = Awaited<ReturnType<typeof madeUpOvh>>;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function connected(behaviour: Behaviour = {}, options: OvhClientOptions = {}) {
  const server = await madeUpOvh(behaviour);
  servers.push(server);
  return { server, client: clientOf({ endpoint: server.endpoint, ...options }) };
}

function clientOf(options: OvhClientOptions): OvhClient {
  return new OvhClient({ ...KEYS, env: {}, retryBudget: new RetryBudget(), random: () => 0, ...options });
}

describe("a call", () => {
  test("is signed as the server counts it: queries, texts of all languages, bodies, without a body", async () => {
    const { server, client } = await connected();
    const words = "Ré & Co: a+b/c'd (e) *~!% \u2028 日本 <é>";
    await client.get("/me/ü x", { query: { words, on: true, n: 2, none: null, left: undefined } });
    await client.get("/x?from=s", { query: { to: "e" } });
    await client.post("/x", { words, list: [1, null], target: "a." });
    await client.put("/x", "a text");
    await client.post("/x/refresh");
    await client.delete("/x?y=%c3%a9", { query: { force: false } });
    await client.get("/dedicated/server/");
    expect(
      server.received
        .slice(1)
        .map(({ method, url, body, headers }) => [`${method} ${url}`, body, headers["content-type"]]),
    ).toEqual([
      [expect.stringMatching(/^GET \/1\.0\/me\/%C3%BC%20x\?words=.*&on=true&n=2&none=null$/), "", undefined],
      ["GET /1.0/x?from=s&to=e", "", undefined],
      ["POST /1.0/x", JSON.stringify({ words, list: [1, null], target: "a." }), "application/json"],
      ["PUT /1.0/x", '"a text"', "application/json"],
      ["POST /1.0/x/refresh", "", undefined],
      ["DELETE /1.0/x?y=%c3%a9&force=false", "", undefined],
      ["GET /1.0/dedicated/server/", "", undefined],
    ]);
  });

  test("has the signature that OVH's own clients make, by the server's time", async () => {
    const { sent, transport } = scriptedTransport(
      { status: 200, text: "1457018875" },
      { status: 200, text: "null" },
    );
    await clientOf({ endpoint: "ovh-eu", transport, clock: new VirtualClock() }).post("/auth", {
      a: "b",
      c: "d",
    });
    expect(
      sent.map(({ url, headers }) => [url, headers["X-Ovh-Timestamp"], headers["X-Ovh-Signature"]]),
    ).toEqual([
      ["https://eu.api.ovh.com/1.0/auth/time", undefined, undefined],
      ["https://eu.api.ovh.com/1.0/auth", "1457018875", "$1$ec2fb5c7a81f64723c77d2e5b609ae6f58a84fc1"],
    ]);
  });

  test("gives the JSON of the answer as the type that is asked for; null where there is none", async () => {
    const answers = [{ body: { firstname: "Ada" } }, { body: null }, { status: 204, text: "" }];
    const { client } = await connected({ answer: (_request, before) => answers[before] });
    const { firstname } = await client.get<{ firstname: string }>("/me");
    expect([firstname, await client.put("/me", {}), await client.delete("/me")]).toEqual(["Ada", null, null]);
  });

  test("goes to /v1 and /v2 in the place of /1.0", async () => {
    const { server, client } = await connected();
    for (const path of ["/v1/me", "/v2/iam?x=1", "/v1", "/v1beta/me", "/v3/me"]) await client.get(path);
    expect(server.received.slice(1).map(({ url }) => url)).toEqual([
      ...["/v1/me", "/v2/iam?x=1", "/v1", "/1.0/v1beta/me", "/1.0/v3/me"],
    ]);
  });

  test("may go unsigned, with the application's key alone", async () => {
    const { server, client } = await connected();
    await expect(client.get<number>("/auth/time", { auth: false })).resolves.toBeGreaterThan(1_700_000_000);
    const [{ headers } = { headers: {} }] = server.received;
    expect(Object.keys(headers).filter(name => name.startsWith("x-ovh"))).toEqual(["x-ovh-application"]);
    expect(server.received).toHaveLength(1);
  });

  test("may be taken raw: status, text and headers of any answer", async () => {
    const { client } = await connected({
      answer: () => ({ status: 404, text: "<none>", headers: { "X-Y": "z" } }),
    });
    await expect(client.raw("GET", "/me", { headers: { "X-Mine": "1" } })).resolves.toMatchObject({
      status: 404,
      text: "<none>",
      headers: { "x-y": "z", "x-ovh-queryid": "EU.ext-99.foobar" },
    });
  });

  test("without a consumer key fails before anything is sent, and says where one was looked for", async () => {
    const { server, client } = await connected({}, { consumerKey: undefined });
    const failure = await client.get("/me").catch((error: unknown) => error);
    expect(isOvhConfigError(failure) && failure.missing).toBe("consumerKey");
    expect(String(failure)).toMatch(
      /No consumer key for http.*: looked in the options, OVH_CONSUMER_KEY, \.\/ovh\.conf.*`npx --no-install pulumi-tutum ovh login`/,
    );
    expect(server.received).toEqual([]);
  });

  test.each([
    "me",
    "",
    "https://evil.example/me",
    "/me#x",
    "/a/../me",
    "/a/%2E%2e/me",
    "/a\\b",
    "/./me",
    "/a/..",
  ])("of %p, which an address would make something else of, is refused", async path => {
    const { server, client } = await connected();
    await expect(client.get(path)).rejects.toThrow("is no path of the API");
    expect(server.received).toEqual([]);
  });

  test("with a body where OVH takes none is refused", async () => {
    const { client } = await connected();
    await expect(client.call("DELETE", "/me", { body: {} })).rejects.toThrow("DELETE /me has a body");
  });

  test("changes nothing of what it is given", async () => {
    const { client } = await connected();
    const options = Object.freeze({
      query: Object.freeze({ a: null }),
      body: Object.freeze({ target: "x" }),
    });
    await client.call("POST", "/x", options);
  });

  test("ends by its signal, also while the time is asked for, and leaves the time to others", async () => {
    const controller = new AbortController();
    const { client } = await connected({
      answer: () => {
        controller.abort(new Error("enough"));
        return undefined;
      },
    });
    await expect(client.get("/me", { signal: AbortSignal.abort(new Error("at once")) })).rejects.toThrow(
      "at once",
    );
    await expect(client.get("/me", { signal: controller.signal })).rejects.toThrow("enough");
    await expect(client.get("/me")).resolves.toBeNull();
  });

  test("ends by its deadline", async () => {
    const clock = new VirtualClock();
    const transport = (_request: unknown, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new HttpFailure("aborted", true))),
      );
    const call = clientOf({ endpoint: "ovh-eu", transport, clock, timeout: 5000 }).get("/me");
    await expect(clock.run(call)).rejects.toThrow(/no complete answer within 5 s/);
  });

  test.each([
    ["GET", 3],
    ["PUT", 3],
    ["DELETE", 3],
    ["POST", 1],
  ] as const)("%s is sent %d times on a 503", async (method, times) => {
    const { server, client } = await connected({ answer: () => ({ status: 503, text: "" }) });
    await expect(client.call(method, "/x")).rejects.toMatchObject({
      status: 503,
      ambiguous: method !== "GET",
    });
    expect(server.received).toHaveLength(1 + times);
  });

  test("that is a POST and may be sent again says so", async () => {
    const { server, client } = await connected({
      answer: (_request, before) => ({ status: before ? 200 : 503, body: null }),
    });
    await client.post("/domain/zone/example.org/refresh", undefined, { retry: "idempotent" });
    expect(server.received).toHaveLength(3);
  });

  test("is not led elsewhere by a redirect", async () => {
    const { server, client } = await connected({
      answer: () => ({ status: 302, headers: { Location: "/1.0/other" }, text: "" }),
    });
    await expect(client.get("/me")).rejects.toThrow(
      "answered with a redirect (status 302), which is not followed",
    );
    expect(server.received).toHaveLength(2);
  });
});

describe("the server's time", () => {
  const clockAt = (wall: () => number) => Object.assign(new VirtualClock(), { wall });

  test("is asked for once by twenty first calls at once, and not before one", async () => {
    const { server, client } = await connected();
    expect(server.received).toEqual([]);
    await Promise.all(Array.from({ length: 20 }, (_, n) => client.get(`/x/${n}`)));
    await client.get("/me");
    expect(server.calls().filter(call => call === "GET /auth/time")).toHaveLength(1);
    expect(server.received).toHaveLength(22);
  });

  test.each([6, -6, 4000, 0])("differs by %d s: calls are signed by it", async ahead => {
    const { server, client } = await connected(
      { time: () => 1457018875 + ahead },
      { clock: clockAt(() => 1457018875_467) },
    );
    await client.get("/me");
    expect(server.received[1]?.headers["x-ovh-timestamp"]).toBe(String(1457018875 + ahead));
  });

  test("is compared with the clock as it is after the answer: the way there is no difference", async () => {
    let now = 1457018875_900;
    const { server, client } = await connected(
      {
        time: () => {
          now = 1457018879_100;
          return 1457018879;
        },
      },
      { clock: clockAt(() => now) },
    );
    await client.get("/me");
    expect(server.received[1]?.headers["x-ovh-timestamp"]).toBe("1457018879");
  });

  test("is asked for again when a call comes too late by it, once for all of them; the calls are repeated", async () => {
    let now = 1457018875;
    const { server, client } = await connected({ time: () => now }, { clock: clockAt(() => 1457018875_000) });
    await client.get("/me");
    now += 1000;
    await Promise.all(Array.from({ length: 5 }, () => client.post("/x")));
    const calls = server.calls().slice(2);
    expect(calls.filter(call => call === "POST /x")).toHaveLength(10);
    expect(calls.filter(call => call === "GET /auth/time")).toHaveLength(1);
  });

  test("that does not help is believed: the call is repeated once", async () => {
    let now = 1457018875;
    const { server, client } = await connected(
      { time: () => (now += 1000) },
      { clock: clockAt(() => 1457018875_000) },
    );
    await expect(client.get("/me")).rejects.toMatchObject({ kind: "clock", errorCode: "QUERY_TIME_OUT" });
    expect(server.calls()).toEqual(["GET /auth/time", "GET /me", "GET /auth/time", "GET /me"]);
  });

  test("that cannot be had fails the call, which was not sent, and is asked for by the next one", async () => {
    const answers = [
      { status: 404, text: '{"message":"no time"}' },
      { status: 200, text: "1457018875" },
      { status: 200, text: "1" },
    ];
    const { sent, transport } = scriptedTransport(...answers);
    const client = clientOf({ endpoint: "ovh-eu", transport });
    await expect(client.post("/x")).rejects.toThrow(
      "Asking for the time, by which calls are signed, failed: the server answered status 404: no time",
    );
    await expect(client.post("/x")).resolves.toBe(1);
    expect(sent.map(({ url }) => url.replace(/.*1\.0/, ""))).toEqual(["/auth/time", "/auth/time", "/x"]);
  });
});

describe("a consumer key", () => {
  test("is requested unsigned, with the rules as they are, and signs from then on", async () => {
    const { server, client } = await connected(
      { keys: new Set(["NEWbuy6SUQcRw2ZUxg0cG68BoDKpED4K"]) },
      { consumerKey: undefined },
    );
    const rules = [{ method: "GET", path: "/me" }] as const;
    const request = await client.requestConsumerKey(rules, {
      redirection: "https://example.org/back",
      allowedIps: ["192.0.2.0/24"],
    });
    expect(request).toEqual({
      consumerKey: "NEWbuy6SUQcRw2ZUxg0cG68BoDKpED4K",
      validationUrl: `${server.url}/auth/?credentialToken=t`,
      state: "pendingValidation",
    });
    expect(JSON.parse(server.received[0]?.body ?? "")).toEqual({
      accessRules: rules,
      redirection: "https://example.org/back",
      allowedIPs: ["192.0.2.0/24"],
    });
    expect(server.received[0]?.headers["x-ovh-signature"]).toBeUndefined();
    await expect(client.get("/me")).resolves.toBeNull();
  });

  test("is not shown with the address that is printed", async () => {
    const { client } = await connected();
    const request = await client.requestConsumerKey([]);
    expect(inspect(request)).toContain("credentialToken");
    expect(inspect(request)).not.toContain(request.consumerKey);
    expect(JSON.parse(JSON.stringify(request))).toHaveProperty("consumerKey", request.consumerKey);
  });

  test("is in no text of the client, nor is any other secret, wherever it came from", async () => {
    const newKey = "NEWbuy6SUQcRw2ZUxg0cG68BoDKpED4K";
    const secrets = [APPLICATION.applicationSecret, CONSUMER_KEY, newKey, `$1$${"a1".repeat(20)}`];
    const words = `you sent ${secrets.join(" ")}`;
    const body = { message: words, errorCode: newKey, class: newKey, details: { x: words } };
    const shown: string[] = [];
    for (const status of [400, 401, 403, 404, 460, 500, 302]) {
      const { client } = await connected({
        answer: () => ({ status, body, headers: { "X-OVH-QUERYID": CONSUMER_KEY } }),
        keys: new Set([newKey]),
        newKey,
      });
      await client.requestConsumerKey([]);
      const error = await client.get(`/x/${CONSUMER_KEY}`).catch((thrown: unknown) => thrown);
      shown.push(...[error, client].map(each => inspect(each, { depth: 20, showHidden: true })));
      shown.push(JSON.stringify(error), JSON.stringify(client), String(error));
    }
    expect(shown.join("\n")).toContain("you sent *** *** *** ***");
    for (const secret of secrets) expect(shown.join("\n")).not.toContain(secret);
  });
});

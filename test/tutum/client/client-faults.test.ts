import type { ServerResponse } from "node:http";
import { inspect } from "node:util";
import { HttpClient } from "../../../provider/http/http-client";
import { RetryBudget } from "../../../provider/http/retry";
import { isTutumApiError, type TutumApiError, TutumClient } from "../../../provider/tutum/client";
import { type Received, scriptedServer } from "./scripted-server";

const KEY = "canary-key-1f8e";
const UUID = "7eaf7fff-882c-4f3d-9a8f-a22317ac00ce";
const APPLICATION = {
  autodestroy: "OFF",
  autoreplace: "OFF",
  autorestart: "OFF",
  container_envvars: [],
  container_ports: [],
  container_size: "XS",
  containers: [],
  current_num_containers: 1,
  deployed_datetime: null,
  destroyed_datetime: null,
  entrypoint: "",
  image_tag: "/api/v1/image/tutum/hello-world/tag/latest/",
  link_variables: {},
  linked_from_application: [],
  linked_to_application: [],
  name: "web",
  resource_uri: `/api/v1/application/${UUID}/`,
  roles: [],
  run_command: "/run.sh",
  running_num_containers: 1,
  started_datetime: null,
  state: "Running",
  stopped_datetime: null,
  stopped_num_containers: 0,
  target_num_containers: 1,
  unique_name: "web",
  uuid: UUID,
};

type Answer = (response: ServerResponse, request: Received, before: number) => void;

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  response =>
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
const reset: Answer = response => response.socket?.destroy();
const cut: Answer = response => {
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "500" });
  response.write('{"uuid":', () => response.socket?.destroy());
};
const html: Answer = response =>
  response.writeHead(502, { "Content-Type": "text/html" }).end("<h1>Bad Gateway</h1>");
const hang: Answer = () => undefined;

const calls = {
  get: (tutum: TutumClient) => tutum.applications.get(UUID),
  list: (tutum: TutumClient) => tutum.applications.page(),
  patch: (tutum: TutumClient) => tutum.applications.update(UUID, { target_num_containers: 2 }),
  delete: (tutum: TutumClient) => tutum.applications.terminate(UUID),
  create: (tutum: TutumClient) => tutum.applications.create({ image: "tutum/hello-world", name: "web" }),
  start: (tutum: TutumClient) => tutum.applications.start(UUID),
  redeploy: (tutum: TutumClient) => tutum.applications.redeploy(UUID),
};

let server: Awaited<ReturnType<typeof scriptedServer>>;
afterEach(() => server.close());

async function against(answer: Answer, timeout?: number): Promise<TutumClient> {
  server = await scriptedServer(answer);
  return new TutumClient({
    endpoint: server.url,
    user: "me",
    apikey: KEY,
    env: {},
    timeout,
    retryBudget: new RetryBudget(),
  });
}

async function failure(call: Promise<unknown>): Promise<TutumApiError> {
  const error = await call.then(
    () => new Error("succeeded"),
    (error: unknown) => error,
  );
  if (!isTutumApiError(error)) throw error;
  return error;
}

describe("faults: how often a request is sent, and what its error says", () => {
  const repeatable = ["get", "list", "patch", "delete"] as const;
  const once = ["create", "start", "redeploy"] as const;
  const faults: [string, Answer, RegExp][] = [
    ["a reset connection", reset, /failed: socket hang up \(ECONNRESET\)/],
    ["an answer cut off", cut, /failed: (stream has been aborted|aborted)/],
    ["an HTML 502", html, /answered status 502 \(/],
    ["a 500", json(500, { error_message: "boom", traceback: "File x" }), /answered status 500: boom \(/],
    ["a 503", json(503, { error: "busy" }), /answered status 503: busy \(/],
  ];
  describe.each(faults)("%s", (_what, answer, message) => {
    test.each(repeatable)("%s: sent three times", async name => {
      const error = await failure(calls[name](await against(answer)));
      expect(error.message).toMatch(message);
      expect(error.retryable).toBe(true);
      expect(error.ambiguous).toBe(name === "patch" || name === "delete");
      expect(server.received).toHaveLength(3);
    });

    test.each(once)("%s: sent once, and marked as ambiguous", async name => {
      const error = await failure(calls[name](await against(answer)));
      expect(error.message).toMatch(message);
      expect(error.ambiguous).toBe(true);
      expect(server.received).toHaveLength(1);
    });
  });

  test.each(Object.keys(calls) as (keyof typeof calls)[])(
    "%s: a 429 is sent again, it did nothing",
    async name => {
      const tutum = await against((response, request, before) => {
        const body = name === "list" ? { meta: {}, objects: [] } : APPLICATION;
        (before < 2 ? json(429, { error: "slow down" }) : json(200, body))(response, request, before);
      });
      await calls[name](tutum);
      expect(server.received).toHaveLength(3);
    },
  );

  test.each(Object.keys(calls) as (keyof typeof calls)[])(
    "%s: a 400 is sent once, with the server's words",
    async name => {
      const error = await failure(
        calls[name](await against(json(400, { application: { name: ["too long"] } }))),
      );
      expect(error).toMatchObject({
        status: 400,
        serverMessage: "name: too long",
        retryable: false,
        ambiguous: false,
      });
      expect(server.received).toHaveLength(1);
    },
  );

  test.each([301, 302, 303, 307, 308])("a %s is not followed", async status => {
    const sink = await scriptedServer(json(200, APPLICATION));
    const tutum = await against(json(status, {}, { Location: `${sink.url}/api/v1/application/` }));
    const error = await failure(calls.create(tutum));
    expect(error.message).toContain("answered with a redirect");
    expect(error.ambiguous).toBe(true);
    expect(sink.received).toHaveLength(0);
    await sink.close();
  });

  test.each<[string, Answer]>([
    ["HTML", response => response.writeHead(200, { "Content-Type": "text/html" }).end("<p>hello</p>")],
    ["an empty object", json(200, {})],
    ["an application without its uuid", json(200, { ...APPLICATION, uuid: undefined })],
    ["a uuid that is a path", json(200, { ...APPLICATION, uuid: "../../secret" })],
    ["numbers for texts", json(200, { ...APPLICATION, state: 7 })],
  ])("a 2xx with %s is no application, and ambiguous for create", async (_what, answer) => {
    const error = await failure(calls.create(await against(answer)));
    expect(error.message).toContain("Is this address a Tutum API?");
    expect(error.ambiguous).toBe(true);
  });

  test("keys that are not known, and __proto__, do not come through", async () => {
    const body = `{"__proto__":{"polluted":1},"surprise":1,${JSON.stringify(APPLICATION).slice(1)}`;
    const tutum = await against(response => response.writeHead(200).end(body));
    const application = await calls.get(tutum);
    expect(application).toEqual(APPLICATION);
    expect((application as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("an answer that is too large is cut off", async () => {
    const tutum = await against(response => response.writeHead(200).end(Buffer.alloc(11_000_000, " ")));
    expect((await failure(calls.create(tutum))).message).toContain("maxContentLength");
  });

  test.each<[string, Answer]>([
    ["a hang", hang],
    [
      "a drip",
      response => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(timer));
      },
    ],
  ])("%s ends at the total deadline", async (_what, answer) => {
    const error = await failure(calls.get(await against(answer, 200)));
    expect(error.message).toContain("no complete answer within 0.2 s");
  });

  test("a caller's abort is the caller's reason, and sends nothing more", async () => {
    const controller = new AbortController();
    const tutum = await against(() => controller.abort(new Error("enough")));
    await expect(tutum.applications.get(UUID, { signal: controller.signal })).rejects.toThrow("enough");
    expect(server.received).toHaveLength(1);
  });

  test("Retry-After is obeyed, in seconds and as a date; what lies behind the deadline is not waited for", async () => {
    const soon = new Date(Date.now() + 1100).toUTCString();
    for (const header of ["1", soon]) {
      const tutum = await against((response, request, before) =>
        (before === 0 ? json(503, {}, { "Retry-After": header }) : json(200, APPLICATION))(
          response,
          request,
          before,
        ),
      );
      await calls.get(tutum);
      expect(server.received).toHaveLength(2);
      await server.close();
    }
    const error = await failure(calls.get(await against(json(503, {}, { "Retry-After": "3600" }))));
    expect(error.status).toBe(503);
    expect(server.received).toHaveLength(1);
  });

  test("with the server down, a thousand reads cost at most fifty requests more", async () => {
    server = await scriptedServer(json(503, {}));
    const http = new HttpClient({ baseUrl: `${server.url}/`, headers: {}, retryBudget: new RetryBudget() });
    await Promise.all(
      Array.from({ length: 1000 }, () => http.send({ method: "GET", path: "application/", retry: "safe" })),
    );
    expect(server.received.length).toBeLessThanOrEqual(1050);
  });

  test("create goes out on a connection of its own, reads share one", async () => {
    const tutum = await against((response, request, before) =>
      json(200, APPLICATION)(response, request, before),
    );
    await calls.get(tutum);
    await calls.get(tutum);
    await calls.create(tutum);
    await calls.create(tutum);
    expect(server.received.map(request => request.connection)).toEqual([0, 0, 1, 2]);
  });

  test("a creation carries a key of its own, the same when it is sent again", async () => {
    const tutum = await against((response, request, before) =>
      json(before === 0 ? 429 : 202, APPLICATION)(response, request, before),
    );
    await calls.create(tutum);
    await calls.create(tutum);
    const [first, again, second] = server.received.map(({ headers }) => headers["idempotency-key"]);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(again).toBe(first);
    expect(second).not.toBe(first);
  });

  test.each(["get", "patch", "delete", "start"] as const)(
    "%s: an answer about another application is none",
    async name => {
      const other = { ...APPLICATION, uuid: "00000000-882c-4f3d-9a8f-a22317ac00ce" };
      const error = await failure(calls[name](await against(json(200, other))));
      expect(error.message).toContain(`the answer is about another one (${other.uuid})`);
      expect(error.ambiguous).toBe(name !== "get");
    },
  );

  test("every request says who asks", async () => {
    await calls.get(await against(json(200, APPLICATION)));
    expect(server.received[0]?.headers).toMatchObject({
      accept: "application/json",
      authorization: `ApiKey me:${KEY}`,
      "user-agent": expect.stringMatching(/^pulumi-tutum\/\d+\.\d+\.\d+$/),
    });
  });

  test("the key is in no form of an error", async () => {
    const errors = [
      await failure(calls.create(await against(reset))),
      await (async () => {
        await server.close();
        return failure(
          calls.create(await against(json(400, { error: `bad header ApiKey me:${KEY}, key ${KEY}` }))),
        );
      })(),
    ];
    for (const error of errors) {
      const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.stack;
      expect(shown).not.toContain(KEY);
    }
  });

  test("a list of a million pages ends when the server shows nothing more; its `next` is never an address", async () => {
    const tutum = await against((response, request, before) =>
      json(200, {
        meta: { next: "http://evil.example/" },
        objects: before < 3 ? [{ ...APPLICATION, uuid: UUID.replace(/^./, String(before)) }] : [],
      })(response, request, before),
    );
    let count = 0;
    for await (const _ of tutum.applications.list()) count++;
    expect(count).toBe(3);
    expect(server.received.map(request => request.url)).toEqual([
      "/api/v1/application/?offset=0&limit=100",
      "/api/v1/application/?offset=1&limit=100",
      "/api/v1/application/?offset=2&limit=100",
      "/api/v1/application/?offset=3&limit=100",
    ]);
  });

  test.each(["..", "../../auth", "%2e%2e", "x/../y", "", "7eaf7fff"])(
    "%p is no id: nothing is sent",
    async id => {
      const tutum = await against(json(200, APPLICATION));
      expect(() => tutum.applications.get(id)).toThrow("is not the uuid or resource URI of an application.");
      expect(server.received).toHaveLength(0);
    },
  );
});

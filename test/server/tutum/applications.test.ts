import type { Application, Page } from "../../../provider/tutum/client";
import { type Container, type ErrorBody, startTestServer, type TestServer } from "../harness";

const HELLO = { image: "tutum/hello-world" };
const ROOT = "/api/v1/application/";

/** How an application of each state comes to be. */
const STATES: Record<string, (server: TestServer) => Promise<Application>> = {
  Starting: server => server.create(HELLO),
  Running: server => server.deploy(HELLO),
  Scaling: async server => {
    const application = await server.deploy(HELLO);
    return (await server.call("PATCH", application.resource_uri, { target_num_containers: 2 })).body;
  },
  Redeploying: async server => {
    const application = await server.deploy(HELLO);
    return (await server.call("POST", `${application.resource_uri}redeploy/`, { tag: "2" })).body;
  },
  "Partly running": async server => {
    const application = await server.deploy({ ...HELLO, target_num_containers: 2 });
    await server.call("POST", `${application.containers[0]}stop/`);
    await server.settle();
    return application;
  },
  Stopping: async server => {
    const application = await server.deploy(HELLO);
    return (await server.call("POST", `${application.resource_uri}stop/`)).body;
  },
  Stopped: async server => {
    const application = await server.deploy(HELLO);
    await server.call("POST", `${application.resource_uri}stop/`);
    await server.settle();
    return application;
  },
  "Stopped with errors": server => server.deploy({ image: "tutum/exits:3" }),
  "Start failed": server => server.deploy({ image: "tutum/start-fails" }),
  "Not running": async server => {
    const application = await server.deploy(HELLO);
    await server.call("DELETE", application.containers[0] as string);
    await server.settle();
    return application;
  },
  Terminating: async server => {
    const application = await server.deploy(HELLO);
    return (await server.call("DELETE", application.resource_uri)).body;
  },
  Terminated: async server => {
    const application = await server.deploy(HELLO);
    await server.call("DELETE", application.resource_uri);
    await server.clock.advance(10_000);
    return application;
  },
};

const ACTIONS: Record<string, [method: string, path: string, body?: object]> = {
  start: ["POST", "start/"],
  stop: ["POST", "stop/"],
  scale: ["PATCH", "", { target_num_containers: 3 }],
  redeploy: ["POST", "redeploy/"],
  terminate: ["DELETE", ""],
};

const OUTCOMES: [state: string, ...Record<string, string>[]][] = [
  ["Starting", {}],
  ["Running", { stop: "Stopped", scale: "Running", redeploy: "Running", terminate: "Terminated" }],
  ["Scaling", {}],
  ["Redeploying", {}],
  [
    "Partly running",
    {
      start: "Running",
      stop: "Stopped",
      scale: "Partly running",
      redeploy: "Running",
      terminate: "Terminated",
    },
  ],
  ["Stopping", {}],
  ["Stopped", { start: "Running", scale: "Partly running", redeploy: "Running", terminate: "Terminated" }],
  [
    "Stopped with errors",
    {
      start: "Stopped with errors",
      scale: "Stopped with errors",
      redeploy: "Stopped with errors",
      terminate: "Terminated",
    },
  ],
  [
    "Start failed",
    { start: "Start failed", scale: "Start failed", redeploy: "Start failed", terminate: "Terminated" },
  ],
  ["Not running", { start: "Running", scale: "Running", terminate: "Terminated" }],
  ["Terminating", {}],
  ["Terminated", {}],
];

const TABLE = OUTCOMES.flatMap(([state, outcomes]) =>
  Object.keys(ACTIONS).map(action => ({ state, action, outcome: outcomes?.[action] })),
);

test.each(TABLE)("$action when $state leads to $outcome", async ({ state, action, outcome }) => {
  const server = await startTestServer();
  const { resource_uri } = await (STATES[state] as (typeof STATES)[string])(server);
  expect((await server.get(resource_uri)).state).toBe(state);

  const [method, path, body] = ACTIONS[action] as (typeof ACTIONS)[string];
  const answer = await server.call<Application & ErrorBody>(method, resource_uri + path, body);

  if (outcome) {
    expect(answer.status).toBe(202);
    expect(answer.body.state).toMatch(/ing$/);
    await server.settle();
    expect((await server.get(resource_uri)).state).toBe(outcome);
  } else {
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(`it is ${state}.`);
    expect((await server.get(resource_uri)).state).toBe(state);
  }
});

test("equal names get numbers, and a number is free again five minutes after its application ended", async () => {
  const server = await startTestServer();
  const names = async (count: number) => {
    const created = [];
    for (let n = 0; n < count; n++) created.push(await server.deploy({ ...HELLO, name: "web" }));
    return created.map(application => application.unique_name);
  };
  expect(await names(3)).toEqual(["web", "web-2", "web-3"]);
  const { objects } = await server.get<Page<Application>>(`${ROOT}?unique_name=web-2`);
  await server.call("DELETE", objects[0]?.resource_uri as string);
  await server.settle();
  expect(await names(1)).toEqual(["web-4"]);
  await server.clock.advance(5 * 60_000);
  expect((await server.call("GET", objects[0]?.resource_uri as string)).status).toBe(404);
  expect(await names(1)).toEqual(["web-2"]);
});

test("a terminated application is listed for five minutes with its date, then it is unknown", async () => {
  const server = await startTestServer({ times: { start: 0, terminate: 0 } });
  const { resource_uri } = await server.deploy(HELLO);
  await server.call("DELETE", resource_uri);
  await server.clock.advance(0);
  const gone = await server.get(resource_uri);
  expect(gone).toMatchObject({ state: "Terminated", containers: [], current_num_containers: 0 });
  expect(gone.destroyed_datetime).toBe("Sun, 6 Apr 2014 18:00:42 +0000");
  await server.clock.advance(5 * 60_000 - 1);
  expect((await server.call("GET", resource_uri)).status).toBe(200);
  await server.clock.advance(1);
  const unknown = await server.call("GET", resource_uri);
  expect([unknown.status, unknown.text]).toEqual([404, ""]);
  expect((await server.get<Page<Container>>("/api/v1/container/")).meta.total_count).toBe(0);
});

test("scaling down removes the newest containers, and their numbers are not used again", async () => {
  const server = await startTestServer();
  const { resource_uri } = await server.deploy({ ...HELLO, name: "web", target_num_containers: 3 });
  const names = async () => {
    const { containers } = await server.get(resource_uri);
    return Promise.all(containers.map(async uri => (await server.get<Container>(uri)).unique_name));
  };
  for (const target_num_containers of [1, 3]) {
    const { body } = await server.call("PATCH", resource_uri, { target_num_containers });
    expect(body.state).toBe("Scaling");
    await server.settle();
  }
  expect(await names()).toEqual(["web-1", "web-4", "web-5"]);
});

test("a PATCH with the present number of containers, or with nothing, changes nothing", async () => {
  const server = await startTestServer();
  const application = await server.deploy(HELLO);
  for (const body of [{ target_num_containers: 1 }, {}, undefined]) {
    const answer = await server.call("PATCH", application.resource_uri, body);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual(application);
  }
});

test("policies and web_public_dns change at once, in any living state", async () => {
  const server = await startTestServer();
  const { resource_uri } = await server.create(HELLO);
  const changes = { autorestart: "ALWAYS", autodestroy: "ON_FAILURE", web_public_dns: "a.example.com" };
  const { body } = await server.call("PATCH", resource_uri, changes);
  expect(body).toMatchObject({ ...changes, autoreplace: "OFF", state: "Starting" });
  for (const web_public_dns of ["", null]) {
    await server.call("PATCH", resource_uri, { web_public_dns: "b.example.com" });
    expect((await server.call("PATCH", resource_uri, { web_public_dns })).body.web_public_dns).toBeNull();
  }
});

test("redeploying keeps containers' names and ports, takes the new tag, and deploys anew", async () => {
  const server = await startTestServer();
  const before = await server.deploy({ ...HELLO, target_num_containers: 2 });
  const { body } = await server.call("POST", `${before.resource_uri}redeploy/`, { tag: "2.0" });
  expect(body).toMatchObject({ state: "Redeploying", image_tag: "/api/v1/image/tutum/hello-world/tag/2.0/" });
  await server.settle();
  const after = await server.get(before.resource_uri);
  expect(after).toMatchObject({ state: "Running", link_variables: before.link_variables });
  expect(after.deployed_datetime).not.toBe(before.deployed_datetime);
});

describe("lists", () => {
  async function serverWith(count: number) {
    const server = await startTestServer();
    for (let n = 1; n <= count; n++) await server.create({ ...HELLO, name: n % 2 ? "odd" : "even" });
    return server;
  }
  const list = (server: TestServer, query: string) => server.get<Page<Application>>(ROOT + query);

  test("come in pages whose links keep the filters", async () => {
    const server = await serverWith(7);
    const first = await list(server, "?limit=2&name=odd");
    expect(first.meta).toEqual({
      limit: 2,
      next: `${ROOT}?limit=2&name=odd&offset=2`,
      offset: 0,
      previous: null,
      total_count: 4,
    });
    const second = await server.get<Page<Application>>(first.meta.next as string);
    expect(second.meta).toMatchObject({
      next: null,
      offset: 2,
      previous: `${ROOT}?limit=2&name=odd&offset=0`,
    });
    const names = [...first.objects, ...second.objects].map(application => application.unique_name);
    expect(names).toEqual(["odd", "odd-2", "odd-3", "odd-4"]);
  });

  test.each([
    ["", 25, 30],
    ["?limit=0", 100, 30],
    ["?limit=1000", 100, 30],
    ["?limit=10", 10, 30],
    ["?limit=10&limit=5", 5, 30],
    ["?unknown=1&limit=3", 3, 30],
    ["?state=Starting", 25, 30],
    ["?state=Running", 25, 0],
    ["?name=even&state=Starting", 25, 15],
    ["?unique_name=even-2", 25, 1],
    ["?uuid=00000000-0000-0000-0000-000000000000", 25, 0],
    ["?uuid__startswith=", 25, 30],
    ["?name=", 25, 0],
  ])("%s has limit %d and finds %d", async (query, limit, total_count) => {
    const server = await serverWith(30);
    const { meta, objects } = await list(server, query);
    expect(meta).toMatchObject({ limit, total_count, offset: 0 });
    expect(objects.length).toBe(Math.min(limit, total_count));
  });

  test("past their end are empty, and still know the total", async () => {
    const server = await serverWith(3);
    const { meta, objects } = await list(server, "?offset=50");
    expect([meta.total_count, meta.offset, meta.next, objects]).toEqual([3, 50, null, []]);
  });

  test("find applications by the start of their uuid", async () => {
    const server = await serverWith(3);
    const { uuid } = (await list(server, "")).objects[1] as Application;
    const { objects } = await list(server, `?uuid__startswith=${uuid.slice(0, 8)}`);
    expect(objects.map(application => application.uuid)).toEqual([uuid]);
  });

  test.each([
    ["limit=x", "Invalid limit 'x' provided. Please provide a positive integer."],
    ["limit=-1", "Invalid limit '-1' provided. Please provide a positive integer >= 0."],
    ["limit=", "Invalid limit '' provided. Please provide a positive integer."],
    ["offset=1.5", "Invalid offset '1.5' provided. Please provide an integer."],
    ["offset=-3", "Invalid offset '-3' provided. Please provide a positive integer >= 0."],
  ])("with %s are refused", async (query, error) => {
    const server = await startTestServer();
    const answer = await server.call<ErrorBody>("GET", `${ROOT}?${query}`);
    expect([answer.status, answer.body]).toEqual([400, { error }]);
  });
});

test("no more applications are created than the limit allows", async () => {
  const server = await startTestServer({ limits: { applications: 2 } });
  await server.create(HELLO);
  await server.create(HELLO);
  const { status, body } = await server.call<ErrorBody>("POST", ROOT, HELLO);
  expect([status, body.error]).toEqual([400, "There are 2 applications already, and no more are allowed."]);
});

test("outer ports begin at 49153, are unique, and stay over stop and start", async () => {
  const server = await startTestServer();
  const ports = async () =>
    (await server.get<Page<Container>>("/api/v1/container/")).objects.map(
      ({ container_ports: [port] }) => port?.outer_port,
    );
  const { resource_uri } = await server.deploy({ ...HELLO, target_num_containers: 3 });
  expect(await ports()).toEqual([49153, 49154, 49155]);
  await server.call("POST", `${resource_uri}stop/`);
  await server.settle();
  await server.deploy(HELLO);
  await server.call("POST", `${resource_uri}start/`);
  await server.settle();
  expect(await ports()).toEqual([49153, 49154, 49155, 49156]);
});

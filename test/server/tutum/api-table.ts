/**
 * Every action in every state of application and container; every filter and page edge. For any backend: time stands
 * still but for `settle`, which lets everything under way come to its end.
 */
import type { Application, Page } from "../../../provider/tutum/client";
import type { Answer, Container, ErrorBody, TestServer } from "../harness";

export type TableServer = Pick<TestServer, "call" | "get" | "create" | "deploy" | "settle">;

type Start = () => Promise<TableServer>;

/** `start` gives each test a server of its own. `underway`: what is under way on it can be stopped and terminated. */
export function describeTable(start: Start, { underway = false } = {}): void {
  describeApplications(start, underway ? ["Starting", "Scaling", "Redeploying"] : []);
  describeContainers(start, underway ? ["Starting"] : []);
  describeLists(start);
}

const APPLICATIONS = "/api/v1/application/";
const CONTAINERS = "/api/v1/container/";
const NOBODY = "00000000-0000-0000-0000-000000000000";
const HELLO = {
  image: "tutum/hello-world",
  name: "web",
  container_ports: [{ protocol: "tcp", inner_port: 80 }],
};

const APPLICATION_KEYS =
  "autodestroy autoreplace autorestart container_envvars container_ports container_size containers current_num_containers deployed_datetime destroyed_datetime entrypoint image_tag link_variables linked_from_application linked_to_application name public_dns resource_uri roles run_command running_num_containers started_datetime state stopped_datetime stopped_num_containers target_num_containers unique_name uuid web_public_dns".split(
    " ",
  );
const CONTAINER_KEYS =
  "application autodestroy autoreplace autorestart container_envvars container_ports container_size deployed_datetime destroyed_datetime entrypoint exit_code exit_code_msg image_tag link_variables linked_from_application linked_to_application name public_dns resource_uri roles run_command started_datetime state stopped_datetime unique_name uuid".split(
    " ",
  );
/** Not in lists. */
const DETAILS = /^(container_envvars|containers|link_variables|linked_.*|roles)$/;

type Reach = (server: TableServer) => Promise<string>;

/** Each returns the URI of the application that it brought into the state. */
const APPLICATION_STATES: Record<string, Reach> = {
  Starting: async server => (await server.create(HELLO)).resource_uri,
  Running: async server => (await server.deploy(HELLO)).resource_uri,
  Scaling: server => after(server, HELLO, "PATCH", "", { target_num_containers: 2 }),
  Redeploying: server => after(server, HELLO, "POST", "redeploy/"),
  "Partly running": async server => {
    const { resource_uri, containers } = await server.deploy({ ...HELLO, target_num_containers: 2 });
    await server.call("POST", `${containers[0]}stop/`);
    await server.settle();
    return resource_uri;
  },
  Stopping: server => after(server, HELLO, "POST", "stop/"),
  Stopped: async server => settled(server, await after(server, HELLO, "POST", "stop/")),
  "Stopped with errors": async server =>
    (await server.deploy({ ...HELLO, image: "tutum/exits:3" })).resource_uri,
  "Start failed": async server =>
    (await server.deploy({ ...HELLO, image: "tutum/start-fails" })).resource_uri,
  "Not running": async server => {
    const { resource_uri, containers } = await server.deploy(HELLO);
    await server.call("DELETE", containers[0] as string);
    return settled(server, resource_uri);
  },
  Terminating: server => after(server, HELLO, "DELETE", ""),
  Terminated: async server => settled(server, await after(server, HELLO, "DELETE", "")),
};

async function after(server: TableServer, create: object, method: string, path: string, body?: object) {
  const { resource_uri } = await server.deploy(create);
  const answer = await server.call(method, resource_uri + path, body);
  if (answer.status !== 202) throw new Error(answer.text);
  return resource_uri;
}

async function settled(server: TableServer, uri: string) {
  await server.settle();
  return uri;
}

const EMPTY = ["Init", "Not running"];
const RUNS = ["Running", "Partly running"];
const RESTS = ["Stopped", "Stopped with errors", "Start failed"];

interface Action {
  method: string;
  path: string;
  body?: object;
  /** As the error says it. */
  verb: string;
  possible: string[];
  /** State that the answer shows. */
  becomes: string;
}

const ACTIONS: Action[] = [
  {
    method: "POST",
    path: "start/",
    verb: "start",
    possible: [...EMPTY, ...RESTS, "Partly running"],
    becomes: "Starting",
  },
  { method: "POST", path: "stop/", verb: "stop", possible: RUNS, becomes: "Stopping" },
  {
    method: "PATCH",
    path: "",
    body: { target_num_containers: 4 },
    verb: "scale",
    possible: [...EMPTY, ...RUNS, ...RESTS],
    becomes: "Scaling",
  },
  {
    method: "POST",
    path: "redeploy/",
    verb: "redeploy",
    possible: [...RUNS, ...RESTS],
    becomes: "Redeploying",
  },
  {
    method: "DELETE",
    path: "",
    verb: "terminate",
    possible: [...EMPTY, ...RUNS, ...RESTS],
    becomes: "Terminating",
  },
];

/** With the states in which what is under way can be ended. */
function possibleIn({ verb, possible }: { verb: string; possible: string[] }, underway: string[]): string[] {
  return verb === "stop" || verb === "terminate" ? [...possible, ...underway] : possible;
}

const cells = Object.keys(APPLICATION_STATES).flatMap(state => ACTIONS.map(action => ({ state, ...action })));

function describeApplications(start: Start, underway: string[]): void {
  describe("an application", () => {
    test.each(cells)(
      "that is $state: $verb",
      async ({ state, method, path, body, verb, becomes, ...action }) => {
        const possible = possibleIn({ verb, ...action }, underway);
        const server = await start();
        const uri = await (APPLICATION_STATES[state] as Reach)(server);
        const before = await server.get(uri);
        expect(before.state).toBe(state);

        const answer = await server.call(method, uri + path, body);

        if (possible.includes(state)) {
          expect([answer.status, answer.body.state]).toEqual([202, becomes]);
          expectApplication(answer.body);
          // Without any container there is nothing to wait for.
          if (state === "Not running" && verb === "terminate") return;
          expect(await server.get(uri)).toEqual(answer.body);
        } else if (verb === "scale" && state.startsWith("Terminat")) {
          const error = `Cannot update application "web": it is ${state}.`;
          expect([answer.status, answer.body]).toEqual([400, { error }]);
        } else {
          const error = `Cannot ${verb} application "web": it is ${state}. That is possible when it is ${possible.join(", ")}.`;
          expect([answer.status, answer.body]).toEqual([400, { error }]);
          expect(await server.get(uri)).toEqual(before);
        }
      },
    );

    test.each(Object.keys(APPLICATION_STATES))("that is %s is shown, listed, and has logs", async state => {
      const server = await start();
      const uri = await (APPLICATION_STATES[state] as Reach)(server);
      const shown = await server.call("GET", uri);
      expect(shown.status).toBe(200);
      expectApplication(shown.body);
      const { objects } = await server.get<Page<Application>>(
        `${APPLICATIONS}?state=${encodeURIComponent(state)}`,
      );
      expect(objects).toEqual([short(shown.body)]);
      const logs = await server.call<{ logs: string }>("GET", `${uri}logs/`);
      expect([logs.status, logs.body]).toEqual([200, { logs: expect.any(String) }]);
    });

    test.each(Object.keys(APPLICATION_STATES))("that is %s: PATCH of what needs no scaling", async state => {
      const server = await start();
      const uri = await (APPLICATION_STATES[state] as Reach)(server);
      const before = await server.get(uri);
      const changes = { autorestart: "ALWAYS", autoreplace: "ON_FAILURE", web_public_dns: "www.example.com" };
      for (const patch of [changes, {}, undefined]) {
        const answer = await server.call("PATCH", uri, patch);
        if (state.startsWith("Terminat")) {
          expect([answer.status, answer.body]).toEqual([
            400,
            { error: `Cannot update application "web": it is ${state}.` },
          ]);
          expect(await server.get(uri)).toEqual(before);
        } else {
          expect([answer.status, answer.body]).toEqual([202, { ...before, ...changes }]);
          expect(await server.get(uri)).toEqual(answer.body);
        }
      }
    });
  });
}

interface Reached {
  uri: string;
  application: string;
}

/** Each returns the URI of the container that it brought into the state. */
const CONTAINER_STATES: Record<string, (server: TableServer) => Promise<Reached>> = {
  "Starting, launched": server => first(server, server.create({ ...HELLO, target_num_containers: 2 }), 0),
  "Starting, waiting": server => first(server, server.create({ ...HELLO, target_num_containers: 2 }), 1),
  Running: server => first(server, server.deploy(HELLO)),
  Stopping: server => acted(server, "POST", "stop/"),
  Stopped: async server => {
    const reached = await acted(server, "POST", "stop/");
    await server.settle();
    return reached;
  },
  "Stopped with errors": server => first(server, server.deploy({ ...HELLO, image: "tutum/exits:3" })),
  "Start failed": server => first(server, server.deploy({ ...HELLO, image: "tutum/start-fails" })),
  Terminating: server => acted(server, "DELETE", ""),
  Terminated: async server => {
    const reached = await acted(server, "DELETE", "");
    await settled(server, reached.uri);
    return reached;
  },
};

async function first(_server: TableServer, made: Promise<Application>, index = 0): Promise<Reached> {
  const { containers, resource_uri } = await made;
  return { uri: containers[index] as string, application: resource_uri };
}

async function acted(server: TableServer, method: string, path: string): Promise<Reached> {
  const reached = await first(server, server.deploy(HELLO));
  const answer = await server.call(method, reached.uri + path);
  if (answer.status !== 202) throw new Error(answer.text);
  return reached;
}

const CONTAINER_ACTIONS = [
  { verb: "start", method: "POST", path: "start/", possible: RESTS, becomes: "Starting" },
  { verb: "stop", method: "POST", path: "stop/", possible: ["Running"], becomes: "Stopping" },
  { verb: "terminate", method: "DELETE", path: "", possible: ["Running", ...RESTS], becomes: "Terminating" },
];

const containerCells = Object.keys(CONTAINER_STATES).flatMap(state =>
  CONTAINER_ACTIONS.map(action => ({ state, ...action })),
);

function describeContainers(start: Start, underway: string[]): void {
  describe("a container", () => {
    test.each(containerCells)(
      "that is $state: $verb",
      async ({ state, verb, method, path, becomes, ...action }) => {
        const possible = possibleIn({ verb, ...action }, underway);
        const server = await start();
        const { uri, application } = await (CONTAINER_STATES[state] as (typeof CONTAINER_STATES)[string])(
          server,
        );
        const label = state.split(",")[0] as string;
        const before = await server.get<Container>(uri);
        const { target_num_containers: target } = await server.get(application);
        expect(before.state).toBe(label);

        const answer = await server.call<Container>(method, uri + path);

        if (possible.includes(label)) {
          expect([answer.status, answer.body.state]).toEqual([202, becomes]);
          expectContainer(answer.body);
          expect(await server.get<Container>(uri)).toEqual(answer.body);
        } else {
          const error = `Cannot ${verb} container "${before.unique_name}": it is ${label}. That is possible when it is ${possible.join(", ")}.`;
          expect([answer.status, answer.body]).toEqual([400, { error }]);
          expect(await server.get<Container>(uri)).toEqual(before);
        }
        const lost = answer.status === 202 && verb === "terminate" ? 1 : 0;
        expect((await server.get(application)).target_num_containers).toBe(target - lost);
      },
    );

    test.each(Object.keys(CONTAINER_STATES))("that is %s is shown, listed, and has logs", async state => {
      const server = await start();
      const { uri } = await (CONTAINER_STATES[state] as (typeof CONTAINER_STATES)[string])(server);
      const shown = await server.call<Container>("GET", uri);
      expect(shown.status).toBe(200);
      expectContainer(shown.body);
      const { objects } = await server.get<Page<Container>>(
        `${CONTAINERS}?unique_name=${shown.body.unique_name}`,
      );
      expect(objects).toEqual([short(shown.body)]);
      const logs = await server.call<{ logs: string }>("GET", `${uri}logs/`);
      expect([logs.status, logs.body]).toEqual([200, { logs: expect.any(String) }]);
    });
  });
}

/** web: Running, Stopped · web-2: Running · db: Stopped with errors, all in order of creation. */
async function threeApplications(start: Start) {
  const server = await start();
  const web = await server.deploy({ ...HELLO, target_num_containers: 2 });
  await server.call("POST", `${web.containers[1]}stop/`);
  const web2 = await server.deploy(HELLO);
  const db = await server.deploy({ image: "tutum/exits:3", name: "db" });
  return { server, web, web2, db };
}

type Three = Awaited<ReturnType<typeof threeApplications>>;

const APPLICATION_FILTERS: [query: string | ((three: Three) => string), found: string[]][] = [
  ["", ["web", "web-2", "db"]],
  ["name=web", ["web", "web-2"]],
  ["name=WEB", []],
  ["name=we", []],
  ["name=", []],
  ["name=web%20", []],
  ["unique_name=web-2", ["web-2"]],
  ["unique_name=web", ["web"]],
  ["unique_name=", []],
  ["state=Running", ["web-2"]],
  ["state=Partly%20running", ["web"]],
  ["state=Partly+running", ["web"]],
  ["state=Stopped with errors", ["db"]],
  [({ db }) => `uuid=${db.uuid}`, ["db"]],
  [`uuid=${NOBODY}`, []],
  ["uuid=", []],
  [({ web }) => `uuid__startswith=${web.uuid.slice(0, 8)}`, ["web"]],
  [({ web }) => `uuid__startswith=${web.uuid}`, ["web"]],
  [({ web }) => `uuid__startswith=${web.uuid}0`, []],
  ["uuid__startswith=", ["web", "web-2", "db"]],
  ["name=web&state=Running", ["web-2"]],
  ["name=db&state=Running", []],
  ["name=web&unique_name=db", []],
  [({ web }) => `uuid=${web.uuid}&name=db`, []],
  ["name=db&name=web", ["web", "web-2"]],
  ["color=red&format=json&_=1397", ["web", "web-2", "db"]],
];

const CONTAINER_FILTERS: [query: string | ((three: Three) => string), found: string[]][] = [
  ["", ["web-1", "web-2", "web-2-1", "db-1"]],
  ["name=web", ["web-1", "web-2", "web-2-1"]],
  ["name=web-2", ["web-2"]],
  ["name=", []],
  ["unique_name=web-2-1", ["web-2-1"]],
  ["unique_name=web", []],
  ["state=Running", ["web-1", "web-2-1"]],
  ["state=Stopped", ["web-2"]],
  ["state=Stopped+with+errors", ["db-1"]],
  [({ web }) => `uuid=${web.containers[1]?.split("/")[4]}`, ["web-2"]],
  [`uuid=${NOBODY}`, []],
  [({ db }) => `uuid__startswith=${db.containers[0]?.split("/")[4]?.slice(0, 9)}`, ["db-1"]],
  ["uuid__startswith=", ["web-1", "web-2", "web-2-1", "db-1"]],
  ["application__name=web", ["web-1", "web-2", "web-2-1"]],
  ["application__name=web-2", []],
  ["application__unique_name=web-2", ["web-2-1"]],
  [({ web }) => `application__uuid=${web.uuid}`, ["web-1", "web-2"]],
  [`application__uuid=${NOBODY}`, []],
  [({ web }) => `application__uuid__startswith=${web.uuid.slice(0, 9)}`, ["web-1", "web-2"]],
  ["application__uuid__startswith=", ["web-1", "web-2", "web-2-1", "db-1"]],
  ["application__state=Running", ["web-2-1"]],
  ["application__state=Partly%20running", ["web-1", "web-2"]],
  ["application__state=Partly%20running&state=Stopped", ["web-2"]],
  ["application__name=web&application__unique_name=db", []],
  ["application__name=db&name=db-1", ["db-1"]],
  ["color=red", ["web-1", "web-2", "web-2-1", "db-1"]],
];

function describeLists(start: Start): void {
  describe("lists", () => {
    test("find by every filter what it says, alone and together", async () => {
      const three = await threeApplications(start);
      for (const [root, filters] of [
        [APPLICATIONS, APPLICATION_FILTERS],
        [CONTAINERS, CONTAINER_FILTERS],
      ] as const) {
        for (const [filter, found] of filters) {
          const query = typeof filter === "string" ? filter : filter(three);
          const { status, body } = await three.server.call<Page<Application>>("GET", `${root}?${query}`);
          expect([root, query, status, body.objects.map(object => object.unique_name)]).toEqual([
            root,
            query,
            200,
            found,
          ]);
          expect(body.meta).toEqual({
            limit: 25,
            next: null,
            offset: 0,
            previous: null,
            total_count: found.length,
          });
        }
      }
    });

    test("refuse what looks like a filter and is none, and name those there are", async () => {
      const server = await start();
      const filters = "limit, offset, name, unique_name, uuid, uuid__startswith, state";
      const ofContainers =
        "application__name, application__unique_name, application__uuid, application__uuid__startswith, application__state";
      const misspelt = [
        ...["NAME", "nmae", "names", "name__in", "uuid__contains", "uniqueName", "unique-name", "limit[]"],
        ...["ofset", "stat", "order_by", "page", "per_page", "application_name"],
      ];
      for (const [root, known] of [
        [APPLICATIONS, filters],
        [CONTAINERS, `${filters}, ${ofContainers}`],
      ]) {
        for (const name of misspelt) {
          const answer = await server.call("GET", `${root}?${encodeURIComponent(name)}=x`);
          const error = `Unknown parameter '${name}'. Known are ${known}.`;
          expect([name, answer.status, answer.body]).toEqual([name, 400, { error }]);
        }
        for (const state of ["running", "", "Nonsense", "toString", "__proto__"]) {
          const answer = await server.call<ErrorBody>("GET", `${root}?state=${state}`);
          expect([answer.status, answer.body.error]).toEqual([
            400,
            expect.stringMatching(`^Invalid state '${state}' provided. Known are .*Starting, Running, `),
          ]);
        }
      }
      const elsewhere = await server.call<ErrorBody>("GET", `${APPLICATIONS}?application__name=web`);
      expect(elsewhere.body.error).toContain("Unknown parameter 'application__name'");
    });

    /** Of five. */
    const PAGES: [
      query: string,
      limit: number,
      offset: number,
      next: number | null,
      previous: number | null,
    ][] = [
      ["limit=2", 2, 0, 2, null],
      ["limit=2&offset=1", 2, 1, 3, null],
      ["limit=2&offset=2", 2, 2, 4, 0],
      ["limit=2&offset=3", 2, 3, null, 1],
      ["limit=2&offset=4", 2, 4, null, 2],
      ["limit=2&offset=5", 2, 5, null, 3],
      ["limit=5", 5, 0, null, null],
      ["limit=4", 4, 0, 4, null],
      ["limit=1&offset=4", 1, 4, null, 3],
      ["offset=4", 25, 4, null, null],
      ["offset=25", 25, 25, null, 0],
      ["limit=0", 100, 0, null, null],
      ["limit=100", 100, 0, null, null],
      ["limit=101", 100, 0, null, null],
      ["limit=99999999999999999999", 100, 0, null, null],
      ["offset=9007199254740991", 25, 9007199254740891, null, 9007199254740866],
      ["limit=%202%20", 2, 0, 2, null],
      ["limit=%2B2", 2, 0, 2, null],
      ["limit=-0", 100, 0, null, null],
    ];

    test("have pages with edges where they should be, and links that lead to the neighbours", async () => {
      const server = await start();
      for (let n = 0; n < 5; n++) await server.deploy(HELLO);
      for (const root of [APPLICATIONS, CONTAINERS]) {
        const all = (await server.get<Page<Application>>(root)).objects;
        for (const [query, limit, offset, next, previous] of PAGES) {
          const { body } = await server.call<Page<Application>>("GET", `${root}?name=web&${query}`);
          const link = (at: number | null) =>
            at === null ? null : { limit: `${limit}`, name: "web", offset: `${at}` };
          expect([query, body.meta.total_count, body.meta.limit, body.meta.offset]).toEqual([
            query,
            5,
            limit,
            offset,
          ]);
          expect([query, linkOf(root, body.meta.next)]).toEqual([query, link(next)]);
          expect([query, linkOf(root, body.meta.previous)]).toEqual([query, link(previous)]);
          expect(body.objects).toEqual(all.slice(offset, offset + limit));
        }
      }
    });

    test("refuse limits and offsets that are no numbers", async () => {
      const server = await start();
      const positive = (value: string) =>
        `Invalid limit '${value}' provided. Please provide a positive integer`;
      for (const root of [APPLICATIONS, CONTAINERS]) {
        for (const value of [
          "x",
          "",
          " ",
          "1.5",
          "1e3",
          "0x10",
          "NaN",
          "null",
          "٣",
          "1,2",
          "9".repeat(101),
        ]) {
          const encoded = encodeURIComponent(value);
          const limit = await server.call("GET", `${root}?limit=${encoded}`);
          expect([limit.status, limit.body]).toEqual([400, { error: `${positive(value)}.` }]);
          const offset = await server.call("GET", `${root}?offset=${encoded}`);
          expect([offset.status, offset.body]).toEqual([
            400,
            { error: `Invalid offset '${value}' provided. Please provide an integer.` },
          ]);
        }
        const limit = await server.call("GET", `${root}?limit=-1`);
        expect([limit.status, limit.body]).toEqual([400, { error: `${positive("-1")} >= 0.` }]);
        const offset = await server.call("GET", `${root}?offset=-7`);
        expect([offset.status, offset.body]).toEqual([
          400,
          { error: "Invalid offset '-7' provided. Please provide a positive integer >= 0." },
        ]);
      }
    });
  });
}

function linkOf(root: string, link: string | null): Record<string, string> | null {
  if (link === null) return null;
  expect(link.startsWith(`${root}?`)).toBe(true);
  return Object.fromEntries(new URLSearchParams(link.slice(root.length)));
}

function short<T extends object>(details: T): Partial<T> {
  return Object.fromEntries(Object.entries(details).filter(([key]) => !DETAILS.test(key))) as Partial<T>;
}

function expectApplication(application: Answer<Application>["body"]): void {
  expect(Object.keys(application)).toEqual(expect.arrayContaining(APPLICATION_KEYS));
  const { containers, current_num_containers, running_num_containers, stopped_num_containers } = application;
  expect(containers).toHaveLength(current_num_containers);
  expect(running_num_containers + stopped_num_containers).toBeLessThanOrEqual(current_num_containers);
  expect(Object.keys(application.link_variables)).toContain("WEB_TUTUM_API_URL");
  expect(application.destroyed_datetime === null).toBe(application.state !== "Terminated");
}

function expectContainer(container: Container): void {
  expect(Object.keys(container)).toEqual(expect.arrayContaining(CONTAINER_KEYS));
  // One that never ran has no code, but may say why it did not start.
  if (container.started_datetime === null) expect(container.exit_code).toBe(null);
  else expect(container.exit_code === null).toBe(container.exit_code_msg === null);
  if (container.state === "Start failed") expect(container.exit_code_msg).not.toBe(null);
  expect(container.destroyed_datetime === null).toBe(container.state !== "Terminated");
  expect(Object.keys(container.link_variables).some(name => name.endsWith("_API_URL"))).toBe(false);
}

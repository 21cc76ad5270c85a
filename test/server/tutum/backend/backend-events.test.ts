/** What the model makes of the events that only real containers bring: images, ports of others, losses, interruptions. */
import type {
  Backend,
  BackendEvent,
  BackendNode,
  ContainerSpec,
  ImageDefaults,
} from "../../../../server/apis/tutum/model/backend";
import { DEFAULT_LIMITS } from "../../../../server/apis/tutum/model/settings";
import { World } from "../../../../server/apis/tutum/model/world";
import {
  createApplication,
  getApplication,
  listApplications,
  redeployApplication,
  startApplication,
  stopApplication,
  terminateApplication,
  updateApplication,
} from "../../../../server/apis/tutum/operations/applications";
import { getContainer, listContainers } from "../../../../server/apis/tutum/operations/containers";
import { Engine } from "../../../../server/apis/tutum/operations/engine";
import { resetEverything } from "../../../../server/apis/tutum/operations/reset";
import { silentLogger } from "../../../../server/host/ports/logger";
import { systemRandom } from "../../../../server/host/ports/random";
import { inMemoryStorage } from "../../../../server/host/storage/storage";
import { createManualClock } from "../../../../server/index";

const DEFAULTS: ImageDefaults = {
  ports: [{ protocol: "tcp", inner_port: 80 }],
  run_command: "serve",
  entrypoint: "",
};

/** A backend that the test plays: orders are noted, events are what it says. */
class Played implements Backend {
  readonly simulated = false;
  readonly placement = "spread";
  readonly launching = "together";
  readonly orders: string[] = [];
  readonly specs = new Map<string, ContainerSpec>();
  readonly places: (BackendNode & { up: boolean; answers: boolean; takenPorts: Set<number> })[] = [
    "n1",
    "n2",
  ].map(name => ({
    name,
    up: true,
    answers: true,
    takenPorts: new Set<number>(),
  }));
  known: ImageDefaults | undefined = DEFAULTS;
  private report: (event: BackendEvent) => void = () => {};

  image = async () => this.known;
  launch = async (spec: ContainerSpec) => this.note("launch", spec);
  start = async (spec: ContainerSpec) => this.note("start", spec);
  stop = async (id: string) => void this.orders.push(`stop ${this.specs.get(id)?.name}`);
  remove = async (id: string) => void this.orders.push(`remove ${this.specs.get(id)?.name}`);
  logs = async () => "";
  events(listener: (event: BackendEvent) => void) {
    this.report = listener;
  }
  nodes = () => this.places;
  address = () => undefined;
  hostAddress = () => undefined;
  health = async () => ({ ok: true, message: "" });
  adopt = async () => {};
  clear = async () => {};
  close = async () => {};

  say(event: BackendEvent): void {
    this.report(event);
  }

  private async note(order: string, spec: ContainerSpec): Promise<void> {
    this.specs.set(spec.id, spec);
    const ports = spec.ports?.map(port => port.outer_port).join(",") ?? "?";
    this.orders.push(`${order} ${spec.name} on ${spec.node} at ${ports}`);
  }
}

async function played(fields: object = {}) {
  const backend = new Played();
  const clock = createManualClock();
  const engine = new Engine({
    world: new World(),
    settings: {
      naming: { user: "me", dnsDomain: "tutum.internal", region: "dev", apiUrl: "http://x" },
      credentials: { authorization: "ApiKey me:key" },
      limits: DEFAULT_LIMITS,
      places: backend,
    },
    backend,
    storage: inMemoryStorage,
    clock,
    random: systemRandom,
    logger: silentLogger,
  });
  const create = (more: object = {}) => createApplication(engine, { image: "me/web", ...fields, ...more });
  /** The orders since the last time. */
  const orders = async () => {
    await engine.idle();
    return backend.orders.splice(0);
  };
  const say = async (event: BackendEvent) => {
    backend.say(event);
    await engine.idle();
  };
  const containers = async () => (await listContainers(engine, {})).objects;
  const running = async (more: object = {}) => {
    const application = await create(more);
    for (const uri of application.containers) await say({ type: "running", id: uri.split("/")[4] as string });
    await orders();
    return application;
  };
  const states = async (uuid: string) => [
    (await getApplication(engine, uuid)).state,
    ...(await containers()).map(({ unique_name, state }) => `${unique_name} ${state}`),
  ];
  return { backend, clock, engine, create, orders, say, containers, running, states };
}

const idOf = ({ containers }: { containers: string[] }, index = 0) =>
  containers[index]?.split("/")[4] as string;

test("an image that is not there yet is asked for by the first launch; then all containers get their ports", async () => {
  const { backend, create, orders, say, engine, containers } = await played();
  backend.known = undefined;
  const web = await create({
    target_num_containers: 2,
    run_command: "mine",
    web_public_dns: "www.example.com",
  });
  expect([web.container_ports, web.run_command, web.entrypoint]).toEqual([[], "mine", ""]);
  expect(await orders()).toEqual(["launch web-1 on n1 at ?"]);
  await say({ type: "image", id: idOf(web), defaults: { ...DEFAULTS, entrypoint: "/run.sh" } });
  expect(await orders()).toEqual(["launch web-1 on n1 at 49153", "launch web-2 on n2 at 49153"]);
  expect(await getApplication(engine, web.uuid)).toMatchObject({
    state: "Starting",
    container_ports: [{ inner_port: 80, outer_port: null, protocol: "tcp" }],
    run_command: "mine",
    entrypoint: "/run.sh",
  });
  expect((await containers()).map(({ container_ports }) => container_ports[0]?.outer_port)).toEqual([
    49153, 49153,
  ]);
  const first = backend.specs.get(idOf(web));
  expect([first?.command, first?.entrypoint]).toEqual(["mine", ""]);
});

test.each([
  ["together", {}, [3], []],
  ["one after another when asked to", { sequential_deployment: true }, [1, 1, 1], [1, 2]],
])(
  "containers are launched %s, with the addresses of those that run by then",
  async (_how, fields, rounds, seen) => {
    const { backend, create, orders, say } = await played();
    const web = await create({ ...fields, target_num_containers: 3 });
    const launched: number[] = [];
    for (let index = 0; index < 3; index++) {
      const count = (await orders()).length;
      if (count > 0) launched.push(count);
      await say({ type: "running", id: idOf(web, index) });
    }
    expect(launched).toEqual(rounds);
    const third = backend.specs.get(idOf(web, 2));
    const addresses = third?.env.filter(({ key }) => key.endsWith("_80_TCP_ADDR"));
    expect(addresses?.map(({ key }) => key)).toEqual(seen.map(number => `WEB_${number}_PORT_80_TCP_ADDR`));
    expect(third?.hosts.map(({ name }) => name.split("-me.")[0])).toEqual([
      "web-3",
      ...seen.map(number => `web-${number}`),
    ]);
  },
);

test("what a container still does while it is removed to be launched again is nobody's business", async () => {
  const { create, orders, say, engine, states } = await played();
  const web = await create({ autorestart: "ALWAYS" });
  await say({ type: "running", id: idOf(web) });
  await say({ type: "exited", id: idOf(web), code: 1 });
  await orders();
  await redeployApplication(engine, web.uuid, {});
  for (const event of [
    { type: "running" },
    { type: "exited", code: 137 },
    { type: "start-failed", reason: "gone" },
    { type: "interrupted" },
  ] as const)
    await say({ ...event, id: idOf(web) });
  expect(await orders()).toEqual(["remove web-1"]);
  await say({ type: "removed", id: idOf(web) });
  expect(await orders()).toEqual(["launch web-1 on n1 at 49153"]);
  await say({ type: "running", id: idOf(web) });
  expect(await states(web.uuid)).toEqual(["Running", "web-1 Running"]);
});

test("an image that is known needs no asking, and what it says is left to it", async () => {
  const { backend, create, orders } = await played();
  const web = await create();
  expect([web.container_ports[0]?.inner_port, web.run_command]).toEqual([80, "serve"]);
  expect(await orders()).toEqual(["launch web-1 on n1 at 49153"]);
  expect(backend.specs.get(idOf(web))).toMatchObject({ command: "", entrypoint: "" });
});

test("a new container that cannot have its port gets another one; one that had it before fails to start", async () => {
  const { backend, create, orders, say, engine } = await played();
  const web = await create();
  await orders();
  backend.places[0]?.takenPorts.add(49153).add(49154);
  await say({ type: "ports-taken", id: idOf(web), ports: [49153] });
  expect(await orders()).toEqual(["launch web-1 on n1 at 49155"]);
  await say({ type: "running", id: idOf(web) });
  await redeployApplication(engine, web.uuid, undefined);
  await say({ type: "removed", id: idOf(web) });
  expect(await orders()).toEqual(["remove web-1", "launch web-1 on n1 at 49155"]);
  await say({ type: "ports-taken", id: idOf(web), ports: [49155] });
  expect(await getContainer(engine, idOf(web))).toMatchObject({
    state: "Start failed",
    exit_code: null,
    exit_code_msg: "outer port 49155 is in use by another program on node n1",
    container_ports: [{ outer_port: 49155 }],
  });
  await startApplication(engine, web.uuid);
  expect(await orders()).toEqual(["launch web-1 on n1 at 49155"]);
});

test("a container that is lost is launched again as it was, three times in five minutes", async () => {
  const { clock, running, orders, say, states, engine } = await played();
  const web = await running();
  for (let time = 0; time < 3; time++) {
    await say({ type: "lost", id: idOf(web), reason: "gone" });
    expect(await orders()).toEqual(["launch web-1 on n1 at 49153"]);
    await say({ type: "running", id: idOf(web) });
    expect(await states(web.uuid)).toEqual(["Running", "web-1 Running"]);
  }
  await say({ type: "lost", id: idOf(web), reason: "gone" });
  expect(await states(web.uuid)).toEqual(["Stopped with errors", "web-1 Stopped with errors"]);
  expect((await getContainer(engine, idOf(web))).exit_code_msg).toBe("gone");
  await clock.advance(5 * 60_000);
  await startApplication(engine, web.uuid);
  expect(await orders()).toEqual(["launch web-1 on n1 at 49153"]);
});

test("a lost container is replaced or destroyed where the policies say so", async () => {
  const replaced = await played();
  const web = await replaced.running({ autoreplace: "ON_FAILURE" });
  await replaced.say({ type: "lost", id: idOf(web), reason: "gone" });
  expect(await replaced.orders()).toEqual(["launch web-2 on n1 at 49154"]);
  const destroyed = await played();
  const db = await destroyed.running({ name: "db", autodestroy: "ALWAYS" });
  await destroyed.say({ type: "lost", id: idOf(db), reason: "gone" });
  expect(await destroyed.orders()).toEqual([]);
  expect(await destroyed.states(db.uuid)).toEqual(["Not running", "db-1 Terminated"]);
});

test("a container whose node is lost goes to another one, with ports of that node", async () => {
  const { backend, running, orders, say, engine } = await played();
  const web = await running();
  (backend.places[0] as { up: boolean }).up = false;
  await say({ type: "lost", id: idOf(web), reason: "node n1 does not answer" });
  expect(await orders()).toEqual(["launch web-1 on n2 at 49153"]);
  expect((await getContainer(engine, idOf(web))).public_dns).toBe("web-1-me.n2.tutum.internal");
});

test("what was stopped, is stopping or ending when it is lost does not come back by itself", async () => {
  const { running, orders, say, states, engine } = await played();
  const web = await running();
  await stopApplication(engine, web.uuid);
  await orders();
  await say({ type: "lost", id: idOf(web), reason: "gone" });
  expect(await states(web.uuid)).toEqual(["Stopped", "web-1 Stopped"]);
  await say({ type: "lost", id: idOf(web), reason: "gone" });
  expect([await orders(), await states(web.uuid)]).toEqual([[], ["Stopped", "web-1 Stopped"]]);
  await startApplication(engine, web.uuid);
  expect(await orders()).toEqual(["launch web-1 on n1 at 49153"]);
  await say({ type: "running", id: idOf(web) });
  await terminateApplication(engine, web.uuid);
  await say({ type: "lost", id: idOf(web), reason: "gone" });
  expect(await states(web.uuid)).toEqual(["Terminated", "web-1 Terminated"]);
});

test("a container that was interrupted is started again, whatever its policies and however it ended", async () => {
  const { running, orders, say, states } = await played();
  const web = await running({ autodestroy: "OFF" });
  await say({ type: "interrupted", id: idOf(web) });
  expect(await orders()).toEqual(["start web-1 on n1 at 49153"]);
  await say({ type: "running", id: idOf(web) });
  await say({ type: "exited", id: idOf(web), code: 137 });
  expect(await states(web.uuid)).toEqual(["Stopped with errors", "web-1 Stopped with errors"]);
  await say({ type: "interrupted", id: idOf(web) });
  expect(await states(web.uuid)).toEqual(["Starting", "web-1 Starting"]);
  await say({ type: "running", id: idOf(web) });
  expect(await states(web.uuid)).toEqual(["Running", "web-1 Running"]);
});

test("a container that others started runs, and its end says why", async () => {
  const { running, say, states, engine } = await played();
  const web = await running();
  await say({ type: "exited", id: idOf(web), code: 137, message: "Out of memory" });
  expect((await getContainer(engine, idOf(web))).exit_code_msg).toBe("Exit code 137 (Out of memory)");
  await say({ type: "running", id: idOf(web) });
  expect(await states(web.uuid)).toEqual(["Running", "web-1 Running"]);
  expect((await getContainer(engine, idOf(web))).exit_code_msg).toBe("Exit code 137 (Killed)");
});

test("containers go to the node with the fewest that is up, and nowhere when none is", async () => {
  const { backend, create, orders, engine } = await played();
  const web = await create({ target_num_containers: 3 });
  expect(await orders()).toEqual([
    "launch web-1 on n1 at 49153",
    "launch web-2 on n2 at 49153",
    "launch web-3 on n1 at 49154",
  ]);
  expect(web.containers).toHaveLength(3);
  const nodes = async () =>
    (await listContainers(engine, {})).objects.map(({ public_dns }) => public_dns?.split(".")[1]);
  expect(await nodes()).toEqual(["n1", "n2", "n1"]);
  for (const place of backend.places) place.up = false;
  const error = "No node is up: what runs the containers does not answer.";
  await expect(create()).rejects.toMatchObject({ status: 503, body: { error } });
  await expect(updateApplication(engine, web.uuid, { target_num_containers: 4 })).rejects.toMatchObject({
    status: 400,
  });
});

test("a link leads to names: the linked application's, its containers', and the alias", async () => {
  const { backend, running, create } = await played();
  const db = await running({ name: "db" });
  const web = await create({
    name: "web",
    linked_to_application: [db.resource_uri, { to_application: db.resource_uri, name: "MySQL" }],
  });
  const container = idOf(db);
  expect(backend.specs.get(idOf(web))?.links).toEqual([
    { name: "db", container },
    { name: "db-1", container },
    { name: "mysql", container },
    { name: "mysql-1", container },
  ]);
});

test("a reset that could not remove all containers says so, and the next one tries again", async () => {
  const { backend, engine, create } = await played();
  await create();
  backend.clear = jest.fn(async () => {
    throw new Error("connect ECONNREFUSED");
  });
  await expect(resetEverything(engine)).rejects.toMatchObject({
    status: 503,
    body: {
      error:
        "The applications are removed, but not all of their containers: connect ECONNREFUSED. Reset again to remove the rest.",
    },
  });
  backend.clear = jest.fn(async () => {});
  expect(await resetEverything(engine)).toBe(0);
  expect(backend.clear).toHaveBeenCalled();
});

test("what waits for an image can be stopped, started again, and terminated", async () => {
  const { backend, create, orders, say, engine, states } = await played();
  backend.known = undefined;
  const web = await create({ target_num_containers: 2 });
  expect(await orders()).toEqual(["launch web-1 on n1 at ?"]);
  expect((await stopApplication(engine, web.uuid)).state).toBe("Stopping");
  expect(await orders()).toEqual(["stop web-1"]);
  await say({ type: "lost", id: idOf(web), reason: "the engine no longer has it" });
  expect(await states(web.uuid)).toEqual(["Stopped", "web-1 Stopped", "web-2 Stopped"]);
  await startApplication(engine, web.uuid);
  expect(await orders()).toEqual(["launch web-1 on n1 at ?"]);
  expect((await terminateApplication(engine, web.uuid)).state).toBe("Terminating");
  expect(await orders()).toEqual(["remove web-1"]);
  await say({ type: "removed", id: idOf(web) });
  expect(await states(web.uuid)).toEqual(["Terminated", "web-1 Terminated", "web-2 Terminated"]);
});

test.each(["stop", "terminate"])("a redeploy that is under way can be ended: %s", async action => {
  const { running, orders, say, states, engine } = await played();
  const web = await running();
  await redeployApplication(engine, web.uuid, { tag: "2" });
  expect(await orders()).toEqual(["remove web-1"]);
  if (action === "stop") {
    await stopApplication(engine, web.uuid);
    await say({ type: "removed", id: idOf(web) });
    expect(await states(web.uuid)).toEqual(["Stopped", "web-1 Stopped"]);
    await startApplication(engine, web.uuid);
    expect(await orders()).toEqual(["launch web-1 on n1 at 49153"]);
  } else {
    await terminateApplication(engine, web.uuid);
    await say({ type: "removed", id: idOf(web) });
    expect(await states(web.uuid)).toEqual(["Terminated", "web-1 Terminated"]);
  }
});

test("one that takes long says what it waits for, as long as it does", async () => {
  const { create, say, engine } = await played();
  const web = await create();
  const said = async () => (await getContainer(engine, idOf(web))).exit_code_msg;
  const waiting = { type: "waiting", id: idOf(web), message: "waiting for an answer on port 80" } as const;
  await say(waiting);
  expect(await said()).toBe("waiting for an answer on port 80");
  await say({ type: "running", id: idOf(web) });
  expect(await said()).toBe(null);
  await say(waiting);
  expect(await said()).toBe(null);
  await say({ type: "exited", id: idOf(web), code: 0 });
  await startApplication(engine, web.uuid);
  expect(await said()).toBe("Exit code 0 (Success)");
});

test("a container that ends before it counts as running never ran, however often it is started again", async () => {
  const { create, say, orders, states } = await played();
  const web = await create({ autorestart: "ALWAYS" });
  await orders();
  for (let time = 0; time < 3; time++) {
    await say({ type: "exited", id: idOf(web), code: 0 });
    expect([await states(web.uuid), await orders()]).toEqual([
      ["Starting", "web-1 Starting"],
      ["start web-1 on n1 at 49153"],
    ]);
  }
  await say({ type: "exited", id: idOf(web), code: 0 });
  expect(await states(web.uuid)).toEqual(["Stopped", "web-1 Stopped"]);
});

test("while nothing answers, nothing is said to run: neither in lists nor alone, and the rest is told", async () => {
  const { backend, running, create, engine, say } = await played();
  const stopped = await running({ name: "db" });
  await say({ type: "exited", id: idOf(stopped), code: 0 });
  const web = await running({ name: "web" });
  const starting = await create({ name: "new" });
  for (const place of backend.places) Object.assign(place, { up: false, answers: false });
  const error = "What runs the containers does not answer: nobody can tell which of them still run.";
  const refusal = { status: 503, body: { error } };
  await expect(getApplication(engine, web.uuid)).rejects.toMatchObject(refusal);
  await expect(getContainer(engine, idOf(web))).rejects.toMatchObject(refusal);
  await expect(listApplications(engine, {})).rejects.toMatchObject(refusal);
  await expect(listContainers(engine, {})).rejects.toMatchObject(refusal);
  expect((await getApplication(engine, starting.uuid)).state).toBe("Starting");
  expect((await getApplication(engine, stopped.uuid)).state).toBe("Stopped");
  const { objects } = await listApplications(engine, { state: "Starting" });
  expect(objects.map(({ name }) => name)).toEqual(["new"]);
  // One that can be seen is enough to say what is lost.
  Object.assign(backend.places[1] as object, { answers: true });
  expect((await getApplication(engine, web.uuid)).state).toBe("Running");
});

/** Applications on a Swarm of three nodes: what the API promises is what the Swarm does. */
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { type Container, containersOn, type DockerServer, reset } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";
import { CREDENTIALS, PRIVATE_IMAGE, startRegistry } from "./private-registry";
import {
  createForeign,
  eventually,
  fetchFrom,
  machineOf,
  runningTasks,
  services,
  startSwarmServer,
  tasks,
} from "./swarm-server";

const PROBE = { image: PROBE_IMAGE, name: "web" };

describeEngines("on a Swarm", () => {
  let engines: Engines;
  let manager: Machine;
  let server: DockerServer;

  beforeAll(async () => {
    engines = await Engines.start(3);
    await engines.joinSwarm();
    manager = engines.machines[0] as Machine;
  });
  afterAll(() => engines?.close());
  beforeEach(async () => {
    server = await startSwarmServer(engines);
  });

  /** Sorted: two streams of one process have no order between them. */
  const lines = async (uri: string) => (await server.logs(uri)).trim().split("\n").sort();

  test("an application takes ports and command from its image, runs, and answers at its outer port", async () => {
    const created = await server.create({
      ...PROBE,
      container_envvars: [{ key: "GREETING", value: "a 'b' \"c\" $D é {{.Node.Hostname}} {{{" }],
    });
    expect(created).toMatchObject({ state: "Starting", run_command: "serve", entrypoint: "" });
    const container = await server.container(await server.reach(created.resource_uri, "Running"));
    expect(await fetchFrom(engines, container)).toBe("web-1");
    const env = await fetchFrom(engines, container, "/env");
    expect(env).toContain("GREETING=a 'b' \"c\" $D é {{.Node.Hostname}} {{{");
    expect(env).toContain("PROBE=image");
  });

  test("it is a service of its own: dnsrr, a port of its node, no restarts by Swarm, and nothing more", async () => {
    await server.deploy(PROBE);
    const [service] = await services(engines);
    expect(service?.Spec).toMatchObject({
      Mode: { Replicated: { Replicas: 1 } },
      TaskTemplate: {
        RestartPolicy: { Condition: "none" },
        Placement: { Constraints: [expect.stringMatching(/^node\.id == /)] },
      },
      EndpointSpec: { Mode: "dnsrr", Ports: [{ Protocol: "tcp", TargetPort: 80, PublishMode: "host" }] },
    });
  });

  test("linked applications on different nodes find each other by their variables and by their names", async () => {
    const db = await server.deploy({ image: PROBE_IMAGE, name: "db" });
    const web = await server.deploy({
      ...PROBE,
      linked_to_application: [db.resource_uri, { to_application: db.resource_uri, name: "mysql" }],
    });
    const container = await server.container(web);
    expect(machineOf(engines, container)).not.toBe(machineOf(engines, await server.container(db)));
    const variables = Object.fromEntries(container.container_envvars.map(({ key, value }) => [key, value]));
    const url = variables.DB_1_PORT_80_TCP?.replace("tcp:", "http:");
    expect(variables.MYSQL_PORT_80_TCP?.replace("tcp:", "http:")).toBe(url);
    const own = container.link_variables.WEB_1_PORT?.replace("tcp:", "http:");
    const answers = await Promise.all(
      [`${url}/`, "http://db-1/", "http://db/", `${own}/`].map(address =>
        fetchFrom(engines, container, `/cgi-bin/get?${address}`),
      ),
    );
    expect(answers).toEqual(["db-1", "db-1", "db-1", "web-1"]);
  });

  test("a stopped container keeps its port, its exit code and its logs, and starts again", async () => {
    const web = await server.deploy(PROBE);
    const uri = web.containers[0] as string;
    const { container_ports } = await server.container(web);
    await server.call("POST", `${uri}stop/`);
    expect(await server.reach(uri, "Stopped")).toMatchObject({ exit_code: 0, container_ports });
    expect(await lines(uri)).toEqual(["err-line", "got-term", "serving web-1 on 80"]);
    expect((await services(engines))[0]?.Spec.Mode.Replicated.Replicas).toBe(0);
    await server.call("POST", `${uri}start/`);
    await server.reach(uri, "Running");
    const container = await server.container(web);
    expect(container.container_ports).toEqual(container_ports);
    expect(await fetchFrom(engines, container)).toBe("web-1");
    expect(await server.logs(uri)).toMatch(/got-term\n(err-line\n)?serving web-1 on 80\n/);
  });

  test("scaled from one to three and back, containers are spread over the nodes and removed from the end", async () => {
    const web = await server.deploy(PROBE);
    await server.call("PATCH", web.resource_uri, { target_num_containers: 3 });
    const three = await server.reach(web.resource_uri, "Running");
    const containers = await Promise.all(three.containers.map((_, index) => server.container(three, index)));
    expect(new Set(containers.map(container => machineOf(engines, container).name)).size).toBe(3);
    expect(await Promise.all(containers.map(container => fetchFrom(engines, container)))).toEqual([
      "web-1",
      "web-2",
      "web-3",
    ]);
    await server.call("PATCH", web.resource_uri, { target_num_containers: 1 });
    expect((await server.reach(web.resource_uri, "Running")).current_num_containers).toBe(1);
    await until(async () => (await tasks(engines)).length === 1);
    expect((await services(engines)).map(({ Spec }) => Spec.Name)).toEqual([
      expect.stringMatching(/^web-1-/),
    ]);
  });

  test("a process that ends leaves its code, and the policies decide", async () => {
    const failing = { image: PROBE_IMAGE, run_command: "sh -c 'sleep 1; echo bye; exit 3'" };
    const once = await server.deploy({ ...failing, name: "once" }, "Stopped with errors");
    expect(await server.container(once)).toMatchObject({ state: "Stopped with errors", exit_code: 3 });
    expect(await server.logs(once.containers[0] as string)).toBe("bye\n");
    const again = await server.create({ ...failing, name: "again", autorestart: "ON_FAILURE" });
    const ended = await server.reach(again.resource_uri, "Stopped with errors");
    // Three restarts, of which Swarm keeps the logs.
    expect(await server.logs(ended.containers[0] as string)).toBe("bye\nbye\nbye\n");
    const destroyed = await server.create({ ...failing, name: "destroyed", autodestroy: "ALWAYS" });
    await server.reach(destroyed.resource_uri, "Not running");
  });

  test("a container that is terminated leaves nothing in the Swarm, and its logs for a while", async () => {
    const web = await server.deploy(PROBE);
    await server.call("DELETE", web.resource_uri);
    await server.reach(web.resource_uri, "Terminated");
    expect(await services(engines)).toEqual([]);
    expect(await tasks(engines)).toEqual([]);
    expect(await lines(web.containers[0] as string)).toEqual(["err-line", "got-term", "serving web-1 on 80"]);
  });

  test.each([
    ["no such command", { run_command: "no-such-command" }, /"no-such-command": executable file not found/],
    ["a quote that is not closed", { run_command: "sh -c 'x" }, /run_command has a quote that is not closed/],
    [
      "no such image",
      { image: "localhost:1/no/such", container_ports: [{ inner_port: 80 }] },
      /No such image/,
    ],
  ])("what can't start says why: %s", async (_, body, message) => {
    const failed = await server.deploy({ ...PROBE, ...body }, "Start failed");
    const container = await server.container(failed);
    expect(container.exit_code_msg).toMatch(message);
    expect(await server.logs(failed.containers[0] as string)).toMatch(message);
    await server.call("DELETE", failed.resource_uri);
    await server.reach(failed.resource_uri, "Terminated");
  });

  test("an outer port that another service has on the node is exchanged for a free one", async () => {
    const first = await server.deploy({ ...PROBE, name: "first" });
    const taken = ((await server.container(first)).container_ports[0]?.outer_port as number) + 1;
    const foreign = await createForeign(engines, "foreign", taken);
    await until(
      async () => (await runningTasks(engines)).filter(task => task.ServiceID === foreign).length === 3,
    );
    const web = await server.deploy({ ...PROBE, target_num_containers: 6 });
    const places = await Promise.all(
      web.containers.map(async (_, index) => {
        const container = await server.container(web, index);
        expect(await fetchFrom(engines, container)).toBe(container.unique_name);
        return `${machineOf(engines, container).name}:${container.container_ports[0]?.outer_port}`;
      }),
    );
    expect(new Set(places).size).toBe(6);
    expect(places.filter(place => place.endsWith(`:${taken}`))).toEqual([]);
    await manager.call("DELETE", `/services/${foreign}`);
  });

  test("a private image is fetched by every node, with the credentials that the API was given", async () => {
    const registries = await Promise.all(engines.machines.map(machine => startRegistry(machine)));
    for (const registry of registries) registry.send("release");
    const image = `${PRIVATE_IMAGE}:1`;
    const refused = await server.deploy({ image, name: "app" }, "Start failed");
    expect((await server.container(refused)).exit_code_msg).toContain("no basic auth credentials");
    await server.call("DELETE", refused.resource_uri);

    await server.call("POST", "/api/v1/image/", { name: PRIVATE_IMAGE, ...CREDENTIALS });
    const app = await server.deploy({ image, name: "app", target_num_containers: 3 });
    expect([app.run_command, app.container_ports[0]?.inner_port]).toEqual(["serve", 80]);
    const containers = await Promise.all([0, 1, 2].map(index => server.container(app, index)));
    expect(new Set(containers.map(container => machineOf(engines, container).name)).size).toBe(3);
    for (const container of containers) {
      expect(await fetchFrom(engines, container, "/env")).toContain("PROBE=pulled");
    }
  });

  test("ten containers that are killed at once are started again, each once", async () => {
    const web = await server.deploy({ ...PROBE, target_num_containers: 10, autorestart: "ALWAYS" });
    const states = async () => Promise.all(web.containers.map(uri => server.get<Container>(uri)));
    const before = await states();
    for (const machine of engines.machines) {
      const ours = await containersOn(machine);
      await Promise.all(ours.map(({ Id }) => machine.call("POST", `/containers/${Id}/kill`)));
    }
    const after = await eventually(async () => {
      const now = await states();
      const startedAgain = now.every(
        ({ state, exit_code_msg }) => state === "Running" && exit_code_msg === "Exit code 137 (Killed)",
      );
      return startedAgain && now;
    });
    expect(after.map(({ container_ports }) => container_ports)).toEqual(
      before.map(({ container_ports }) => container_ports),
    );
    expect([(await runningTasks(engines)).length, (await tasks(engines)).length]).toEqual([10, 20]);
  });

  test("reset removes what is ours, and nothing else", async () => {
    const foreign = await createForeign(engines, "foreign");
    await server.deploy({ ...PROBE, target_num_containers: 3 });
    await reset(server);
    expect((await services(engines)).map(service => service.ID)).toEqual([foreign]);
    await manager.call("DELETE", `/services/${foreign}`);
  });

  test("two servers on one Swarm don't meet", async () => {
    const other = await startSwarmServer(engines);
    const [mine, theirs] = await Promise.all([server.deploy(PROBE), other.deploy(PROBE)]);
    expect(await fetchFrom(engines, await server.container(mine))).toBe("web-1");
    await reset(other);
    expect(await server.get(mine.resource_uri)).toMatchObject({ state: "Running" });
    expect(await fetchFrom(engines, await server.container(mine))).toBe("web-1");
    expect((await other.call("GET", theirs.resource_uri)).status).toBe(404);
  });
});

/** Several engines as the nodes of one server: containers go to the emptiest, find each other, and survive a lost node. */
import type { Application } from "../../provider/tutum/client";
import { createManualClock } from "../../server/index";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import {
  type Container,
  containersOn,
  type DockerServer,
  nodeOptions,
  startDockerServer,
} from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";

const PROBE = { image: PROBE_IMAGE, name: "web" };

describeEngines("on three Docker Engines", () => {
  let engines: Engines;

  beforeAll(async () => {
    engines = await Engines.start(3);
  });
  afterAll(() => engines?.close());

  const nodeOf = ({ public_dns = "" }: Container) => public_dns.split(".")[1] as string;
  const machineOf = (container: Container) =>
    engines.machines.find(({ name }) => name === nodeOf(container)) as Machine;
  /** From any machine. */
  const visit = async (container: Container, path = "/") => {
    const port = container.container_ports[0]?.outer_port;
    const answer = await engines.network.fetch(`http://${machineOf(container).address}:${port}${path}`);
    return (await answer.text()).trim();
  };
  const containersOf = (server: DockerServer, { containers }: { containers: string[] }) =>
    Promise.all(containers.map(uri => server.get<Container>(uri)));

  test("containers go to the emptiest engine, and linked ones find each other across engines", async () => {
    const server = await startDockerServer(engines, { nodes: nodeOptions(engines, 3) });
    const db = await server.deploy({ ...PROBE, name: "db", target_num_containers: 3 });
    const databases = await containersOf(server, db);
    expect(databases.map(nodeOf).sort()).toEqual(["node1", "node2", "node3"]);
    const web = await server.deploy({ ...PROBE, linked_to_application: [db.resource_uri] });
    const container = await server.container(web);
    const variables = Object.fromEntries(container.container_envvars.map(({ key, value }) => [key, value]));
    for (const number of [1, 2, 3]) {
      const url = variables[`DB_${number}_PORT`]?.replace("tcp:", "http:");
      expect([url, await visit(container, `/cgi-bin/get?${url}/`)]).toEqual([url, `db-${number}`]);
    }
  });

  test("a lost engine's containers go to the others, and what it still has is removed when it is back", async () => {
    const clock = createManualClock(Date.now());
    const server = await startDockerServer(engines, {
      nodes: nodeOptions(engines, 3),
      clock,
      readiness: { settle: 0, ready: 0 },
    });
    const web = await server.create({ ...PROBE, target_num_containers: 3 });
    await server.reach(web.resource_uri, "Running");
    const before = await containersOf(server, await server.get(web.resource_uri));
    const lost = before.find(container => nodeOf(container) === "node2") as Container;
    const machine = machineOf(lost);
    await machine.crash();
    const moved = await until(async () => {
      await clock.advance(1_000);
      const now = await server.get<Container>(lost.resource_uri);
      return nodeOf(now) !== "node2" && now.state === "Running" && now;
    });
    expect(await visit(moved)).toBe(lost.unique_name);
    const after = await containersOf(server, await server.reach<Application>(web.resource_uri, "Running"));
    const others = (containers: Container[]) =>
      containers.filter(({ uuid }) => uuid !== lost.uuid).map(({ public_dns }) => public_dns);
    expect(others(after)).toEqual(others(before));

    await machine.boot();
    expect((await containersOn(machine)).map(({ State }) => State)).toEqual(["exited"]);
    await until(async () => {
      await clock.advance(1_000);
      return (await containersOn(machine)).length === 0;
    });
    const next = await server.create({ ...PROBE, name: "next" });
    await server.reach(next.resource_uri, "Running");
    expect(nodeOf(await server.container(await server.get(next.resource_uri)))).toBe("node2");
  });

  test("an engine that is away when the server starts is taken in when it comes", async () => {
    const machine = engines.machines[2] as Machine;
    await machine.stopDaemon();
    const server = await startDockerServer(engines, { nodes: nodeOptions(engines, 3) });
    const web = await server.deploy({ ...PROBE, target_num_containers: 2 });
    expect((await containersOf(server, web)).map(nodeOf).sort()).toEqual(["node1", "node2"]);
    await machine.startDaemon();
    await until(async () => {
      const health = await fetch(`${server.control?.url}ready`, {
        headers: { Authorization: `Bearer ${server.control?.token}` },
      });
      return health.status === 200;
    });
    await server.call("PATCH", web.resource_uri, { target_num_containers: 3 });
    const three = await containersOf(server, await server.reach<Application>(web.resource_uri, "Running"));
    expect(three.map(nodeOf).sort()).toEqual(["node1", "node2", "node3"]);
  });
});

/** Whatever happens to nodes, services or the server: the API tells the truth soon, and applications get back to their target. */

import { temporaryFolder } from "../server/harness";
import { buildServer } from "../server/server-process";
import { ask } from "../server/tutum/proxy/proxied";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { type Container, startDockerServer } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";
import {
  eventually,
  fetchFrom,
  managerOptions,
  runningTasks,
  runSwarmServer,
  services,
  startSwarmServer,
  tasks,
} from "./swarm-server";

const PROBE = { image: PROBE_IMAGE, name: "web" };

describeEngines("a server on a Swarm", () => {
  let engines: Engines;
  let manager: Machine;

  beforeAll(async () => {
    buildServer();
    engines = await Engines.start(3);
    await engines.joinSwarm();
    manager = engines.machines[0] as Machine;
  });
  afterAll(() => engines?.close());

  test("moves what was on a node that lost its power, and gives it nothing back when it returns", async () => {
    const server = await startSwarmServer(engines);
    const web = await server.deploy({ ...PROBE, target_num_containers: 3 });
    const lost = engines.machines[2] as Machine;
    await lost.crash();
    const moved = await eventually(async () => {
      const application = await server.get(web.resource_uri);
      const containers = await Promise.all(web.containers.map(uri => server.get<Container>(uri)));
      const settled =
        application.state === "Running" &&
        !containers.some(({ public_dns }) => public_dns?.includes("node3"));
      return settled && containers;
    });
    expect(await Promise.all(moved.map(container => fetchFrom(engines, container)))).toEqual([
      "web-1",
      "web-2",
      "web-3",
    ]);
    await lost.boot();
    const nodes = () => manager.call<{ Status: { State: string } }[]>("GET", "/nodes");
    await until(async () => (await nodes()).every(({ Status }) => Status.State === "ready"));
    await until(
      async () => (await tasks(engines)).length === 3 && (await runningTasks(engines)).length === 3,
    );
    expect(await lost.call("GET", "/containers/json")).toEqual([]);
    expect((await server.get(web.resource_uri)).state).toBe("Running");
  });

  test.each([
    ["the manager", 0],
    ["a worker", 1],
  ])(
    "starts what the daemon of %s took along, and not what had ended before",
    async (_, number) => {
      const server = await startSwarmServer(engines);
      const web = await server.deploy({ ...PROBE, target_num_containers: 3 });
      const done = await server.deploy(
        { ...PROBE, name: "done", target_num_containers: 3, run_command: "sh -c 'exit 4'" },
        "Stopped with errors",
      );
      const node = engines.machines[number] as Machine;
      const before = (await runningTasks(engines)).map(({ ID }) => ID);
      await node.killDaemon();
      await node.startDaemon();
      await eventually(async () => {
        // A manager that has just begun has no leader yet.
        const running = await runningTasks(engines).catch(() => []);
        return running.length === 3 && running.some(({ ID }) => !before.includes(ID));
      });
      await server.reach(web.resource_uri, "Running");
      expect((await server.get(done.resource_uri)).state).toBe("Stopped with errors");
    },
    180_000,
  );

  test("launches again what was removed by hand, under its name and port", async () => {
    const server = await startSwarmServer(engines);
    const web = await server.deploy(PROBE);
    const before = await server.container(web);
    const [service] = await services(engines);
    await manager.call("DELETE", `/services/${service?.ID}`);
    await until(async () => (await services(engines)).some(({ ID }) => ID !== service?.ID));
    const after = await server.reach<Container>(before.resource_uri, "Running");
    expect(after.container_ports).toEqual(before.container_ports);
    expect(await fetchFrom(engines, after)).toBe("web-1");
  });

  test("that was killed finds its containers again, and goes on with what it was doing", async () => {
    const data = temporaryFolder();
    let server = await runSwarmServer(engines, data);
    const steady = await server.deploy(PROBE);
    const [task] = await runningTasks(engines);
    const gone = await server.deploy({ ...PROBE, name: "gone" });
    const ending = await server.deploy({ ...PROBE, name: "ending" });
    const stopped = await server.deploy({ ...PROBE, name: "stopped" });
    await server.call("POST", `${stopped.resource_uri}stop/`);
    await server.reach(stopped.resource_uri, "Stopped");
    const half = await server.create({ ...PROBE, name: "half", target_num_containers: 3 });
    await server.call("DELETE", ending.resource_uri);
    server.process.kill("SIGKILL");
    await server.process.ended;
    const lost = (await services(engines)).find(({ Spec }) => Spec.Name.startsWith("gone-1"));
    await manager.call("DELETE", `/services/${lost?.ID}`);

    server = await runSwarmServer(engines, data);
    await server.reach(half.resource_uri, "Running");
    await server.reach(gone.resource_uri, "Running");
    await server.reach(ending.resource_uri, "Terminated");
    expect((await server.get(steady.resource_uri)).state).toBe("Running");
    expect((await runningTasks(engines)).map(({ ID }) => ID)).toContain(task?.ID);
    expect(await server.logs(stopped.containers[0] as string)).toContain("got-term");
    expect((await services(engines)).length).toBe(6);
    for (const { resource_uri } of [steady, gone, stopped, half]) {
      await server.call("DELETE", resource_uri);
      await server.reach(resource_uri, "Terminated");
    }
    expect(await services(engines)).toEqual([]);
  });

  test("its proxy answers by the name an application claims, through its containers on all nodes in turn", async () => {
    const server = await runSwarmServer(engines, temporaryFolder());
    const { proxyPort } = server;
    const web = await server.deploy({
      ...PROBE,
      web_public_dns: "old.example.com",
      target_num_containers: 3,
    });
    const visited = async () => (await ask(proxyPort, "old.example.com")).text.trim();
    // Those that came when another one answered have their turns as soon as they answer too.
    const seen = new Set<string>();
    await until(async () => seen.add(await visited()).size === 3, "all three are visited");
    const answers = [await visited(), await visited(), await visited()];
    expect(answers.sort()).toEqual(["web-1", "web-2", "web-3"]);
    await server.call("PATCH", web.resource_uri, { web_public_dns: "new.example.com" });
    expect((await ask(proxyPort, "old.example.com")).status).toBe(404);
    expect((await ask(proxyPort, "new.example.com")).status).toBe(200);
    await server.call("POST", `${web.resource_uri}stop/`);
    await server.reach(web.resource_uri, "Stopped");
    expect((await ask(proxyPort, "new.example.com")).status).toBe(503);
    await server.call("DELETE", web.resource_uri);
    await server.reach(web.resource_uri, "Terminated");
  });

  test("says in one sentence why there is no Swarm", async () => {
    const [, worker] = engines.machines as [Machine, Machine];
    const start = (nodes: string[]) => startDockerServer(engines, { backend: "swarm", nodes });
    await expect(start([`worker=unix://${worker.socket}`])).rejects.toThrow(
      /it is a worker: name one of the Swarm's managers/,
    );
    await expect(start(["nobody=unix:///nowhere/docker.sock"])).rejects.toThrow(
      /^no Swarm manager at unix:\/\/\/nowhere/,
    );
    await expect(start([...managerOptions(engines), "second=unix:///x"])).rejects.toThrow(/one --node/);
  });
});

/** The real Pulumi CLI against a Swarm of three: two linked applications from `up` to `destroy`, through the loss of a node. */
import { temporaryFolder } from "../server/harness";
import { buildServer } from "../server/server-process";
import { ask } from "../server/tutum/proxy/proxied";
import { describeEngines } from "./describe-engines";
import { type Container, containersOn } from "./docker-server";
import { Engines, type Machine } from "./engines";
import { linkedStack } from "./linked-stack";
import { eventually, fetchFrom, KEY, machineOf, runSwarmServer, services, tasks } from "./swarm-server";

describeEngines("pulumi on a Swarm", () => {
  let engines: Engines;

  beforeAll(async () => {
    buildServer();
    engines = await Engines.start(3);
    await engines.joinSwarm();
  });
  afterAll(() => engines?.close());

  test("two linked applications are brought up, scaled, named, moved from a lost node, and destroyed", async () => {
    const server = await runSwarmServer(engines, temporaryFolder());
    const { stack, declare, up, containersOf } = await linkedStack(server.url, KEY, server);
    const shown = async (name: string, path: string) =>
      Promise.all((await containersOf(name)).map(container => fetchFrom(engines, container, path)));

    declare({});
    expect(await up()).toEqual(["create db", "create web"]);
    expect(await shown("web", "/db")).toEqual(["db-1"]);
    expect((await stack.refresh("--expect-no-changes")).code).toBe(0);

    declare({ targetNumContainers: 3, webPublicDns: "www.example.com" });
    expect(await up()).toEqual(["update web"]);
    expect(await shown("web", "/db")).toEqual(["db-1", "db-1", "db-1"]);
    expect((await ask(server.proxyPort, "www.example.com")).status).toBe(200);

    declare({ webPublicDns: "shop.example.com" });
    expect(await up()).toEqual(["update web"]);
    expect((await ask(server.proxyPort, "shop.example.com")).text.trim()).toBe("web-1");
    expect((await ask(server.proxyPort, "www.example.com")).status).toBe(404);

    const [web] = await containersOf("web");
    const lost = machineOf(engines, web as Container);
    // The manager's loss would be the Swarm's.
    const node = lost.name === "node1" ? (engines.machines[1] as Machine) : lost;
    await node.crash();
    await eventually(async () => {
      const [db, web] = await Promise.all(
        [containersOf("db"), containersOf("web")].map(found => found.catch(() => [])),
      );
      const all = [...(db ?? []), ...(web ?? [])];
      const isMoved = (container: Container) =>
        container.state === "Running" && machineOf(engines, container) !== node;
      return all.length === 2 && all.every(isMoved);
    });
    expect(await shown("web", "/db")).toEqual(["db-1"]);
    expect((await ask(server.proxyPort, "shop.example.com")).text.trim()).toBe("web-1");
    expect((await stack.refresh("--expect-no-changes")).code).toBe(0);
    expect((await stack.preview("--expect-no-changes")).code).toBe(0);
    await node.boot();

    declare({ webPublicDns: "shop.example.com" }, { containerEnvvars: { A: "1" } });
    expect((await up()).filter(step => step.startsWith("replace "))).toEqual(["replace db", "replace web"]);
    expect(await shown("web", "/db")).toEqual(["db-2-1"]);

    expect((await stack.destroy()).code).toBe(0);
    expect([await services(engines), await tasks(engines)]).toEqual([[], []]);
    await eventually(async () => (await Promise.all(engines.machines.map(containersOn))).flat().length === 0);
    server.process.kill("SIGTERM");
    await server.process.ended;
    const [manager] = engines.machines as [Machine];
    const networks = await manager.call<{ Name: string }[]>("GET", "/networks");
    expect(networks.map(({ Name }) => Name).filter(name => name.startsWith("tutum"))).toEqual([]);
  }, 300_000);
});

/** The real Pulumi CLI against a Swarm of three: two linked applications from `up` to `destroy`, through the loss of a node. */
import type { Application, Page } from "../../provider/tutum/client";
import { Stack } from "../engine/stack";
import { atEnd, temporaryFolder } from "../server/harness";
import { ask } from "../server/proxied";
import { buildServer } from "../server/server-process";
import { describeEngines } from "./describe-engines";
import { type Container, containersOn } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";
import { eventually, fetchFrom, KEY, machineOf, runSwarmServer, services, tasks } from "./swarm-server";

/** Reads its link variables, and fetches from the database what it shows. */
const WEB_COMMAND =
  "sh -c 'wget -q -O /www/db http://$DB_PORT_80_TCP_ADDR:$DB_PORT_80_TCP_PORT/; exec serve'";

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
    const stack = await Stack.create("test/engine/programs/declared");
    atEnd(() => stack.dispose());
    stack.env.TUTUM_BASE_URL = `${server.url}/api/v1/`;
    stack.env.TUTUM_AUTH = `ApiKey ${KEY.user}:${KEY.apikey}`;
    const declare = (web: object, db: object = {}) => {
      stack.env.DECLARATIONS = JSON.stringify([
        { name: "db", args: { image: PROBE_IMAGE, ...db } },
        { name: "web", args: { image: PROBE_IMAGE, runCommand: WEB_COMMAND, ...web }, links: ["db"] },
      ]);
    };
    const up = async () => {
      const run = await stack.up();
      if (run.code !== 0) throw new Error(run.output);
      return run.steps;
    };
    const containersOf = async (name: string) => {
      const { objects } = await server.get<Page<Application>>("/api/v1/application/?state=Running");
      const found = objects.find(each => each.name === name) as Application;
      const { containers } = await server.get(found.resource_uri);
      return Promise.all(containers.map(uri => server.get<Container>(uri)));
    };
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
  });
});

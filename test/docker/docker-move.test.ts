/** A server's folder goes to another machine, and the engine stays: containers are found, and their web names lead to them. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../server/harness";
import { buildServer, runServer } from "../server/server-process";
import { ask } from "../server/tutum/proxy/proxied";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { client, containersOn } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";

const CREDENTIALS = { user: "admin", apikey: "secret-key" };
const PROXY_PORT = 8099;

describeEngines("a server that moves to another machine", () => {
  let engines: Engines;

  beforeAll(async () => {
    buildServer();
    engines = await Engines.start(2);
  });
  afterAll(() => engines?.close());

  async function startOn(machine: Machine, data: string, engine: string) {
    const options = ["--backend", "docker", "--proxy-port", `${PROXY_PORT}`, "--settle-time", "100ms"];
    const node = ["--node", `node1=${engine}`];
    const process = runServer(data, machine.inside.enter, [...options, ...node]);
    const { port } = new URL(await process.ready);
    const url = `http://127.0.0.1:${await machine.inside.forward("127.0.0.1", Number(port))}`;
    const proxy = await machine.inside.forward("127.0.0.1", PROXY_PORT);
    return {
      ...client(url, CREDENTIALS),
      web: async () => (await ask(proxy, "www.example.com")).status,
      log: () => readFileSync(join(data, "server.log"), "utf8"),
      async end() {
        process.kill("SIGTERM");
        await process.ended;
      },
    };
  }

  test("finds its containers, says what is bound to the old one only, and serves their names after a redeploy", async () => {
    const [home, away] = engines.machines as [Machine, Machine];
    await home.stopDaemon();
    await home.startDaemon(["-H", `tcp://${home.address}:2375`]);
    const data = temporaryFolder();
    const before = await startOn(home, data, `unix://${home.socket}`);
    const web = await before.deploy({ image: PROBE_IMAGE, name: "web", web_public_dns: "www.example.com" });
    await until(async () => (await before.web()) === 200);
    const { container_ports } = await before.container(web);
    const ids = (await containersOn(home)).map(({ Id }) => Id);
    await before.end();

    const moved = temporaryFolder();
    cpSync(data, moved, { recursive: true });
    const server = await startOn(away, moved, `tcp://${home.address}:2375`);
    expect((await server.get(web.resource_uri)).state).toBe("Running");
    expect((await containersOn(home)).map(({ Id }) => Id)).toEqual(ids);
    expect(server.log()).toMatch(/"containers":\["web-1"\].*redeploy their applications/);
    expect(await server.web()).toBeGreaterThanOrEqual(500);

    await server.call("POST", `${web.resource_uri}redeploy/`);
    const running = await server.reach(web.resource_uri, "Running");
    expect((await server.container(running)).container_ports).toEqual(container_ports);
    await until(async () => (await server.web()) === 200);
    const added = await server.deploy({ image: PROBE_IMAGE, name: "added" });
    expect((await server.get(added.resource_uri)).running_num_containers).toBe(1);
    await server.end();

    // And back again, where the new bindings are reached at once.
    const back = temporaryFolder();
    cpSync(moved, back, { recursive: true });
    const again = await startOn(home, back, `unix://${home.socket}`);
    await until(async () => (await again.web()) === 200);
    for (const { resource_uri } of [web, added]) await again.call("DELETE", resource_uri);
    for (const { resource_uri } of [web, added]) await again.reach(resource_uri, "Terminated");
    await again.end();
  });
});

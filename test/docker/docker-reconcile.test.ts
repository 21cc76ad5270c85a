/** The engine is the truth about containers, the server's records about intentions: whatever happens, they agree soon. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDataFile } from "../../server/host/storage/files";
import { temporaryFolder } from "../server/harness";
import { buildServer, runServer } from "../server/server-process";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import {
  type Container,
  client,
  containersOn,
  type DockerServer,
  engineId,
  nodeOptions,
  startDockerServer,
  visit,
} from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";

const PROBE = { image: PROBE_IMAGE, name: "web" };

describeEngines("a server on a Docker Engine", () => {
  let engines: Engines;
  let machine: Machine;

  beforeAll(async () => {
    buildServer();
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
  });
  afterAll(() => engines?.close());

  const states = async () => (await containersOn(machine)).map(({ State }) => State);

  test("launches a container again that was removed by hand, under its name and port", async () => {
    const server = await startDockerServer(engines);
    const web = await server.deploy(PROBE);
    const before = await server.container(web);
    const id = await engineId(machine, before.resource_uri);
    await machine.call("DELETE", `/containers/${id}?force=1`);
    await until(
      async () => (await server.container(web)).deployed_datetime && (await states())[0] === "running",
    );
    const after = await server.reach<typeof before>(before.resource_uri, "Running");
    expect(after.container_ports).toEqual(before.container_ports);
    expect(await visit(machine, after)).toBe("web-1");
    expect(await engineId(machine, before.resource_uri)).not.toBe(id);
  });

  test("says what others do to its containers", async () => {
    const server = await startDockerServer(engines);
    const web = await server.deploy({ ...PROBE, run_command: "sleep 600" });
    const id = await engineId(machine, web.containers[0] as string);
    await machine.call("POST", `/containers/${id}/kill`);
    await server.reach(web.resource_uri, "Stopped with errors");
    expect((await server.container(web)).exit_code_msg).toBe("Exit code 137 (Killed)");
    await machine.call("POST", `/containers/${id}/start`);
    await server.reach(web.resource_uri, "Running");
  });

  test("tells the truth of thirty containers that are killed at once, and starts each again, once", async () => {
    const server = await startDockerServer(engines);
    const web = await server.deploy({ ...PROBE, target_num_containers: 30, autorestart: "ALWAYS" });
    const killed = await containersOn(machine);
    await Promise.all(killed.map(({ Id }) => machine.call("POST", `/containers/${Id}/kill`)));
    const startsOf = async (uri: string) => (await server.logs(uri)).match(/^serving /gm)?.length ?? 0;
    const startedAgain = async () => {
      const all = await Promise.all(web.containers.map(uri => server.get<Container>(uri)));
      const states = new Set(all.map(({ state, exit_code_msg }) => `${state}, ${exit_code_msg}`));
      if (states.size > 1 || !states.has("Running, Exit code 137 (Killed)")) return undefined;
      const starts = await Promise.all(web.containers.map(startsOf));
      return starts.every(count => count > 1) && starts;
    };
    const starts = await until(startedAgain, "all run again", 60_000);
    expect(starts).toEqual(Array(30).fill(2));
    const now = await containersOn(machine);
    expect(now.map(({ Id, State }) => [Id, State]).sort()).toEqual(
      killed.map(({ Id }) => [Id, "running"]).sort(),
    );
    expect((await server.get(web.resource_uri)).running_num_containers).toBe(30);
  });

  test("starts what a killed daemon took along, and nothing that had ended before", async () => {
    const server = await startDockerServer(engines);
    const web = await server.deploy({ ...PROBE, target_num_containers: 2 });
    const stopped = await server.deploy({ ...PROBE, name: "stopped" });
    await server.call("POST", `${stopped.resource_uri}stop/`);
    await server.reach(stopped.resource_uri, "Stopped");
    const done = await server.deploy(
      { ...PROBE, name: "done", run_command: "sh -c 'exit 4'" },
      "Stopped with errors",
    );
    const ports = (await server.container(web)).container_ports;

    await machine.killDaemon();
    const refused = await until(async () => {
      const answer = await server.call<{ error: string }>("POST", "/api/v1/application/", PROBE);
      return answer.status === 503 && answer.body.error;
    });
    expect(refused).toMatch(/^No node is up/);
    await machine.startDaemon();
    await until(async () => (await states()).filter(state => state === "running").length === 2);
    const again = await server.reach(web.resource_uri, "Running");
    expect((await server.container(again)).container_ports).toEqual(ports);
    expect(await visit(machine, await server.container(again))).toBe("web-1");
    expect((await server.get(stopped.resource_uri)).state).toBe("Stopped");
    expect((await server.get(done.resource_uri)).state).toBe("Stopped with errors");
  });

  test("starts what a daemon stopped that was restarted in an orderly way", async () => {
    const server = await startDockerServer(engines);
    const web = await server.deploy(PROBE);
    await machine.stopDaemon();
    await machine.startDaemon();
    await until(async () => (await states())[0] === "running");
    await server.reach(web.resource_uri, "Running");
  });

  test("that was killed finds its containers again, and goes on with what it was doing", async () => {
    const data = temporaryFolder();
    const options = ["--backend", "docker", ...nodeOptions(engines).flatMap(node => ["--node", node])];
    const key = { user: "admin", apikey: "secret-key" };
    const start = async () => {
      const process = runServer(data, [], options);
      return { process, ...client(await process.ready, key) };
    };
    let server = await start();
    const steady = await server.deploy(PROBE);
    const ids = await engineId(machine, steady.containers[0] as string);
    const dead = await server.deploy({ ...PROBE, name: "dead" });
    const gone = await server.deploy({ ...PROBE, name: "gone" });
    const half = await server.create({ ...PROBE, name: "half", target_num_containers: 3 });
    const ending = await server.deploy({ ...PROBE, name: "ending" });
    await server.call("DELETE", ending.resource_uri);
    server.process.kill("SIGKILL");
    await server.process.ended;
    const deadId = await engineId(machine, dead.containers[0] as string);
    const goneId = await engineId(machine, gone.containers[0] as string);
    await machine.call("POST", `/containers/${deadId}/kill`);
    await machine.call("DELETE", `/containers/${goneId}?force=1`);

    server = await start();
    await server.reach(steady.resource_uri, "Running");
    expect(await engineId(machine, steady.containers[0] as string)).toBe(ids);
    await server.reach(dead.resource_uri, "Stopped with errors");
    await server.reach(gone.resource_uri, "Running");
    expect((await server.reach(half.resource_uri, "Running")).running_num_containers).toBe(3);
    await server.reach(ending.resource_uri, "Terminated");
    const names = (await containersOn(machine)).map(({ Names }) => Names[0]?.slice(1).split(".")[0]);
    expect(names.sort()).toEqual(["dead-1", "gone-1", "half-1", "half-2", "half-3", "web-1"]);

    for (const { resource_uri } of [steady, dead, gone, half]) await server.call("DELETE", resource_uri);
    for (const { resource_uri } of [steady, dead, gone, half]) await server.reach(resource_uri, "Terminated");
    server.process.kill("SIGTERM");
    await server.process.ended;
  });

  test("does not meet another server on the same engine, and removes only what is its own", async () => {
    const [one, other] = [await startDockerServer(engines), await startDockerServer(engines)];
    const { Id } = await machine.call<{ Id: string }>("POST", "/containers/create?name=web-1", {
      Image: PROBE_IMAGE,
    });
    const [first, second] = [await one.deploy(PROBE), await other.deploy(PROBE)];
    const ports = await Promise.all([one.container(first), other.container(second)]);
    expect(ports[0].container_ports[0]?.outer_port).not.toBe(ports[1].container_ports[0]?.outer_port);
    await reset(one);
    expect((await containersOn(machine)).map(({ Names }) => Names[0]?.split(".")[0])).toEqual([
      "/web-1",
      "/web-1",
    ]);
    expect(await visit(machine, ports[1])).toBe("web-1");
    expect((await one.get<{ meta: { total_count: number } }>("/api/v1/application/")).meta.total_count).toBe(
      0,
    );
    // It can be used again at once.
    await one.deploy(PROBE);
    await machine.call("DELETE", `/containers/${Id}`);
  });

  test("makes its network again when somebody removed it", async () => {
    const server = await startDockerServer(engines);
    const networks = await machine.call<{ Name: string }[]>("GET", "/networks");
    const [own] = networks.filter(({ Name }) => Name.startsWith("tutum."));
    await machine.call("DELETE", `/networks/${own?.Name}`);
    const web = await server.deploy({ ...PROBE, target_num_containers: 3 });
    expect(await visit(machine, await server.container(web))).toBe("web-1");
  });

  test("reports what has its label and is in none of its records, leaves it alone, and removes it on reset", async () => {
    const data = temporaryFolder();
    const before = await startDockerServer(engines, { dataDir: data });
    const web = await before.deploy(PROBE);
    await before.close();
    for (const name of readdirSync(data).filter(isDataFile)) rmSync(join(data, name));
    const server = await startDockerServer(engines, { dataDir: data });
    expect(await server.call("GET", web.resource_uri)).toMatchObject({ status: 404 });
    const ready = await control(server, "GET", "ready");
    expect(ready.unknown).toEqual([expect.stringMatching(/^web-1\./)]);
    expect(await states()).toEqual(["running"]);
    await reset(server);
    expect(await states()).toEqual([]);
    expect((await control(server, "GET", "ready")).unknown).toBeUndefined();
  });

  async function control(
    server: DockerServer,
    method: string,
    path: string,
  ): Promise<{ unknown?: string[] }> {
    const answer = await fetch(`${server.control?.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${server.control?.token}`, "Content-Type": "application/json" },
      body: method === "POST" ? '{"confirm":true}' : undefined,
    });
    return answer.json() as Promise<{ unknown?: string[] }>;
  }
  const reset = (server: DockerServer) => control(server, "POST", "reset");
});

/** Images that have to be fetched first: what they say is known then, and how far it is can be read before. */
import type { ChildProcess } from "node:child_process";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { startDockerServer, visit } from "./docker-server";
import { Engines, type Machine } from "./engines";
import { CREDENTIALS, PRIVATE_IMAGE as IMAGE, startRegistry } from "./private-registry";

describeEngines("an image in a private registry", () => {
  let engines: Engines;
  let machine: Machine;
  let registry: ChildProcess;

  beforeAll(async () => {
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
  });
  afterAll(() => engines?.close());
  beforeEach(async () => {
    registry = await startRegistry(machine);
  });

  test("is pulled with its credentials; ports and command are known when it is there", async () => {
    const logged: string[] = [];
    const log = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
    const server = await startDockerServer(engines, { logger: { info: log, warn: log, error: log } });
    const image = { name: IMAGE, ...CREDENTIALS };
    expect((await server.call("POST", "/api/v1/image/", image)).status).toBe(202);
    const created = await server.create({ image: `${IMAGE}:1`, name: "app", target_num_containers: 2 });
    expect(created).toMatchObject({ state: "Starting", container_ports: [], run_command: "" });
    const first = created.containers[0] as string;
    await until(async () => (await server.logs(first)) === `Pulling ${IMAGE}:1: 0 of 1 layers`);
    expect((await server.get(created.resource_uri)).state).toBe("Starting");

    registry.send("release");
    const running = await server.reach(created.resource_uri, "Running");
    expect(running).toMatchObject({
      run_command: "serve",
      container_ports: [{ inner_port: 80, protocol: "tcp", outer_port: null }],
    });
    const answers = await Promise.all(
      [0, 1].map(async index => visit(machine, await server.container(running, index))),
    );
    expect(answers).toEqual(["app-1", "app-2"]);
    expect(await visit(machine, await server.container(running), "/env")).toContain("PROBE=pulled");
    expect(logged.join("\n")).toMatch(/pulling an image.*\n(.*\n)*pulled an image/);
    expect(logged.join("\n")).not.toContain(CREDENTIALS.password);
  });

  test("is not there for those who have no credentials, and the container says so", async () => {
    const server = await startDockerServer(engines);
    registry.send("release");
    const failed = await server.deploy({ image: `${IMAGE}:2`, name: "app" }, "Start failed");
    expect((await server.container(failed)).exit_code_msg).toMatch(
      /^No such image: 127\.0\.0\.1:5000\/me\/app:2, and it could not be pulled: .*no basic auth credentials/,
    );
    // With them, it can be started.
    await server.call("POST", "/api/v1/image/", { name: IMAGE, ...CREDENTIALS });
    await server.call("POST", `${failed.resource_uri}start/`);
    const running = await server.reach(failed.resource_uri, "Running");
    expect(await visit(machine, await server.container(running))).toBe("app-1");
  });
});

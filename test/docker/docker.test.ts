/** Applications on a real Docker Engine: what the API promises is what the engine does. */
import { temporaryFolder } from "../server/harness";
import { buildServer, runServer } from "../server/server-process";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import {
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

describeEngines("on a Docker Engine", () => {
  let engines: Engines;
  let machine: Machine;
  let server: DockerServer;

  beforeAll(async () => {
    buildServer();
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
  });
  afterAll(() => engines?.close());
  beforeEach(async () => {
    server = await startDockerServer(engines);
  });

  const outerPort = async (uri: string) =>
    (await server.get<{ container_ports: { outer_port: number }[] }>(uri)).container_ports[0]?.outer_port;

  test("an application takes ports and command from its image, runs, and answers at its outer port", async () => {
    const created = await server.create({
      ...PROBE,
      container_envvars: [{ key: "GREETING", value: "a 'b' \"c\" $D é" }],
    });
    expect(created).toMatchObject({
      state: "Starting",
      run_command: "serve",
      entrypoint: "",
      container_ports: [{ inner_port: 80, protocol: "tcp", outer_port: null }],
    });
    const container = await server.container(await server.reach(created.resource_uri, "Running"));
    expect(container.container_ports[0]?.outer_port).toBeGreaterThanOrEqual(49153);
    expect(await visit(machine, container)).toBe("web-1");
    const env = await visit(machine, container, "/env");
    expect(env).toContain("GREETING=a 'b' \"c\" $D é");
    expect(env).toContain("PROBE=image");
  });

  test("a linked application finds the other one by its variables and by its names", async () => {
    const db = await server.deploy({ image: PROBE_IMAGE, name: "db" });
    const web = await server.deploy({
      ...PROBE,
      linked_to_application: [db.resource_uri, { to_application: db.resource_uri, name: "mysql" }],
    });
    const container = await server.container(web);
    const variables = Object.fromEntries(container.container_envvars.map(({ key, value }) => [key, value]));
    const url = variables.DB_1_PORT_80_TCP?.replace("tcp:", "http:");
    expect(url).toBe(`http://db-1-admin.node1.tutum.internal:${variables.MYSQL_PORT_80_TCP_PORT}`);
    for (const address of [`${url}/`, "http://db/", "http://db-1/", "http://mysql/", "http://mysql-1/"]) {
      expect([address, await visit(machine, container, `/cgi-bin/get?${address}`)]).toEqual([
        address,
        "db-1",
      ]);
    }
    const own = container.link_variables.WEB_1_PORT?.replace("tcp:", "http:");
    expect(await visit(machine, container, `/cgi-bin/get?${own}/`)).toBe("web-1");
  });

  test("a stopped container keeps its port, its files and its logs, and starts again", async () => {
    const web = await server.deploy(PROBE);
    const uri = web.containers[0] as string;
    const port = await outerPort(uri);
    const id = await engineId(machine, uri);
    await server.call("POST", `${web.resource_uri}stop/`);
    await server.reach(web.resource_uri, "Stopped");
    expect(await server.container(web)).toMatchObject({
      state: "Stopped",
      exit_code: 0,
      exit_code_msg: "Exit code 0 (Success)",
    });
    // An engine reads the two streams side by side: what was written to both at once may change places.
    const lines = (await server.logs(uri)).trimEnd().split("\n").sort();
    expect(lines).toEqual(["err-line", "got-term", "serving web-1 on 80"]);
    await server.call("POST", `${web.resource_uri}start/`);
    await server.reach(web.resource_uri, "Running");
    expect([await outerPort(uri), await engineId(machine, uri)]).toEqual([port, id]);
    expect(await visit(machine, await server.container(web))).toBe("web-1");
  });

  test("a redeployed container keeps name and port and loses its files", async () => {
    const web = await server.deploy(PROBE);
    const uri = web.containers[0] as string;
    const [port, id] = [await outerPort(uri), await engineId(machine, uri)];
    await server.call("POST", `${web.resource_uri}redeploy/`);
    await server.reach(web.resource_uri, "Running");
    expect(await outerPort(uri)).toBe(port);
    expect(await engineId(machine, uri)).not.toBe(id);
    expect(await visit(machine, await server.container(web))).toBe("web-1");
  });

  test("scales up and down, each container with a name and a port of its own", async () => {
    const web = await server.deploy(PROBE);
    await server.call("PATCH", web.resource_uri, { target_num_containers: 3 });
    const three = await server.reach(web.resource_uri, "Running");
    const answers = await Promise.all(
      three.containers.map(async (_, index) => visit(machine, await server.container(three, index))),
    );
    expect(answers).toEqual(["web-1", "web-2", "web-3"]);
    await server.call("PATCH", web.resource_uri, { target_num_containers: 1 });
    await server.reach(web.resource_uri, "Running");
    expect((await containersOn(machine)).map(({ Names }) => Names[0]?.split(".")[0])).toEqual(["/web-1"]);
  });

  test("of two containers one is stopped, and one is terminated, by themselves", async () => {
    const web = await server.deploy({ ...PROBE, target_num_containers: 3 });
    await server.call("POST", `${web.containers[1]}stop/`);
    await server.reach(web.resource_uri, "Partly running");
    await server.call("DELETE", web.containers[2] as string);
    await server.reach(web.containers[2] as string, "Terminated");
    const left = await server.get(web.resource_uri);
    expect(left).toMatchObject({
      state: "Partly running",
      target_num_containers: 2,
      current_num_containers: 2,
    });
    expect((await containersOn(machine)).map(({ State }) => State).sort()).toEqual(["exited", "running"]);
  });

  test("what a terminated container wrote can be read as long as it is shown", async () => {
    const web = await server.deploy(PROBE);
    await server.call("DELETE", web.resource_uri);
    await server.reach(web.resource_uri, "Terminated");
    expect(await containersOn(machine)).toEqual([]);
    expect(await server.logs(web.containers[0] as string)).toContain("serving web-1 on 80");
  });

  test("run_command and entrypoint are split as a shell would, and no shell sees them", async () => {
    const words = "echo 'one two' \"three $HOME\" four\\ five $(id) ; rm -rf / > /x";
    const web = await server.deploy({ ...PROBE, run_command: words }, "Stopped");
    expect(await server.logs(web.containers[0] as string)).toBe(
      "one two three $HOME four five $(id) ; rm -rf / > /x\n",
    );
    const entry = await server.deploy(
      { ...PROBE, entrypoint: "sh -c 'echo $0 $1; exit 3'", run_command: "'a b' c" },
      "Stopped with errors",
    );
    const container = await server.container(entry);
    expect([container.exit_code, container.exit_code_msg]).toEqual([3, "Exit code 3 (Error)"]);
    expect(await server.logs(container.resource_uri)).toBe("a b c\n");
  });

  test.each([
    [
      "an image that is nowhere",
      { image: "nobody/nothing:1" },
      /^No such image: nobody\/nothing:1, and it could/,
    ],
    ["a command that does not exist", { run_command: "nope" }, /exec: "nope": executable file not found/],
    ["a quote that is not closed", { run_command: "it's" }, /^run_command has a quote that is not closed$/],
  ])("%s is Start failed in the engine's words", async (_name, fields, reason) => {
    const web = await server.deploy({ ...PROBE, ...fields }, "Start failed");
    const container = await server.container(web);
    expect(container.exit_code).toBe(null);
    expect(container.exit_code_msg).toMatch(reason);
    expect(await server.logs(container.resource_uri)).toContain(container.exit_code_msg);
    // Trying again is possible, and so is giving up.
    expect((await server.call("POST", `${web.resource_uri}start/`)).status).toBe(202);
    await server.reach(web.resource_uri, "Start failed");
    await server.call("DELETE", web.resource_uri);
    await server.reach(web.resource_uri, "Terminated");
    expect(await containersOn(machine)).toEqual([]);
  });

  test("a new container gets another outer port than those that others have, however they got them", async () => {
    const takePort = (HostPort: string) => ({
      Image: PROBE_IMAGE,
      ExposedPorts: { "80/tcp": {} },
      HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort }] } },
    });
    const others: string[] = [];
    for (const port of ["49153", "49154"]) {
      const { Id } = await machine.call<{ Id: string }>("POST", "/containers/create", takePort(port));
      await machine.call("POST", `/containers/${Id}/start`);
      others.push(Id);
    }
    const web = await server.deploy(PROBE);
    expect(await outerPort(web.containers[0] as string)).toBe(49155);
    for (const id of others) await machine.call("DELETE", `/containers/${id}?force=1`);
  });

  test("a container with a role uses the API, and nobody uses the control API from there", async () => {
    const backend = [
      "--backend",
      "docker",
      "--control",
      ...nodeOptions(engines).flatMap(node => ["--node", node]),
    ];
    const process = runServer(temporaryFolder(), machine.inside.enter, backend);
    const { port } = new URL(await process.ready);
    const url = `http://127.0.0.1:${await machine.inside.forward("127.0.0.1", Number(port))}`;
    const there = client(url, { user: "admin", apikey: "secret-key" });
    const db = await there.deploy({ image: PROBE_IMAGE, name: "db" });
    const ask = `wget -q -O - --header "Authorization: $TUTUM_AUTH"`;
    const run_command = `sh -c 'exec 2>&1; ${ask} $DB_TUTUM_API_URL; echo ---; ${ask} \${DB_TUTUM_API_URL%%/api*}/_tutum/state || echo refused'`;
    const linked = { ...PROBE, run_command, linked_to_application: [db.resource_uri] };
    const web = await there.deploy({ ...linked, roles: ["global"] }, "Stopped");
    const [answer = "", refused] = (await there.logs(web.containers[0] as string)).split("---");
    expect(JSON.parse(answer)).toMatchObject({ uuid: db.uuid, state: "Running" });
    expect(refused).toMatch(/404 Not Found\s+refused/);
    const without = await there.deploy(linked, "Stopped");
    expect(await there.logs(without.containers[0] as string)).toMatch(/401 Unauthorized/);
    for (const { resource_uri } of [db, web, without]) await there.call("DELETE", resource_uri);
    for (const { resource_uri } of [db, web, without]) await there.reach(resource_uri, "Terminated");
    process.kill("SIGTERM");
    await process.ended;
    const networks = await machine.call<{ Name: string }[]>("GET", "/networks");
    expect(networks.filter(({ Name }) => Name.startsWith("tutum."))).toHaveLength(1);
  });

  test("a process that exits is restarted, replaced or destroyed as the policies say", async () => {
    const exit = { ...PROBE, run_command: "sh -c 'echo run; sleep 0.3; exit 5'" };
    const restarted = await server.create({ ...exit, name: "restarted", autorestart: "ON_FAILURE" });
    const replaced = await server.create({ ...exit, name: "replaced", autoreplace: "ALWAYS" });
    const destroyed = await server.create({ ...exit, name: "destroyed", autodestroy: "ALWAYS" });

    await until(async () => (await server.get(destroyed.resource_uri)).state === "Not running");
    await server.reach(restarted.resource_uri, "Stopped with errors");
    expect(await server.logs(restarted.containers[0] as string)).toBe("run\n".repeat(4));
    const last = await server.reach(replaced.resource_uri, "Stopped with errors");
    expect((await server.container(last)).unique_name).toBe("replaced-4");
  });
});

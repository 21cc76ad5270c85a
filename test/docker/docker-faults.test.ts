/** What goes wrong with engines and registries is no verdict on a container, and never keeps anybody for ever. */
import type { Application, Page } from "../../provider/tutum/client";
import { Stack } from "../engine/stack";
import { atEnd } from "../server/harness";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { containersOn, type DockerServer, startDockerServer, visit } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";
import { CREDENTIALS, startRegistry } from "./private-registry";

const PROBE = { image: PROBE_IMAGE, name: "web" };
/** Their registry sends no layer. */
const STALLED = (name: string) => ({ image: `127.0.0.1:5000/me/${name}:1`, name });

describeEngines("a server on a Docker Engine", () => {
  let engines: Engines;
  let machine: Machine;

  beforeAll(async () => {
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
  });
  afterAll(() => engines?.close());

  async function stackOf({ url, user, apikey }: DockerServer, declarations: object[]): Promise<Stack> {
    const stack = await Stack.create("test/engine/programs/declared");
    atEnd(() => stack.dispose());
    stack.env.TUTUM_BASE_URL = `${url}/api/v1/`;
    stack.env.TUTUM_AUTH = `ApiKey ${user}:${apikey}`;
    stack.env.DECLARATIONS = JSON.stringify(declarations);
    return stack;
  }

  test.each([
    [
      "daemon and containerd are",
      async () => {
        await machine.killDaemon();
        await machine.startDaemon();
      },
    ],
    ["containerd alone is", async () => machine.killContainerd()],
  ])("twenty containers that start while %s killed all run in the end, each once", async (_, kill) => {
    const server = await startDockerServer(engines);
    const web = await server.create({ ...PROBE, target_num_containers: 20 });
    await until(async () => (await containersOn(machine)).some(({ State }) => State === "running"));
    await kill();
    const running = await server.reach(web.resource_uri, "Running");
    expect(running.running_num_containers).toBe(20);
    const found = await containersOn(machine);
    const names = found.map(({ Names, State }) => `${Names[0]?.split(".")[0]} ${State}`);
    expect(names.sort()).toEqual(
      Array.from({ length: 20 }, (_, index) => `/web-${index + 1} running`).sort(),
    );
    expect(await visit(machine, await server.container(running, 19))).toBe("web-20");
  });

  test("a registry that stalls holds up no other one; what waits for it can be stopped, terminated, destroyed", async () => {
    await startRegistry(machine);
    const other = await startRegistry(machine, 5001);
    other.send("release");
    const server = await startDockerServer(engines);
    const names = ["one", "two", "three", "four"];
    for (const name of names) {
      await server.call("POST", "/api/v1/image/", { name: `127.0.0.1:5000/me/${name}`, ...CREDENTIALS });
    }
    await server.call("POST", "/api/v1/image/", { name: "127.0.0.1:5001/me/app", ...CREDENTIALS });
    const stalled = await Promise.all(names.map(name => server.create(STALLED(name))));
    const said = ({ containers }: Application) => server.logs(containers[0] as string);
    const waits = async (application: Application) =>
      /waits for other images of its registry$/.test(await said(application));
    const pulls = async (application: Application) =>
      (await said(application)).startsWith("Pulling") && !(await waits(application));
    const inTurn = await until(async () => {
      const waiting = await Promise.all(stalled.map(waits));
      const pulling = await Promise.all(stalled.map(pulls));
      const sorted = [...stalled.filter((_, at) => pulling[at]), ...stalled.filter((_, at) => waiting[at])];
      return pulling.filter(Boolean).length === 2 && sorted.length === 4 && sorted;
    });
    const [one, two, three, four] = inTurn as [Application, Application, Application, Application];

    const app = await server.deploy({ image: "127.0.0.1:5001/me/app:1", name: "app" });
    expect(await visit(machine, await server.container(app))).toBe("app-1");

    const uri = ({ resource_uri }: Application) => resource_uri;
    expect((await server.call("DELETE", uri(one))).body.state).toBe("Terminating");
    await server.reach(uri(one), "Terminated");
    expect((await server.call("POST", `${uri(two)}stop/`)).body.state).toBe("Stopping");
    await server.reach(uri(two), "Stopped");
    // Their turns went to those who waited.
    await until(async () => (await pulls(three)) && (await pulls(four)));
    expect((await server.call("POST", `${uri(two)}start/`)).body.state).toBe("Starting");
    await until(() => waits(two));
    for (const application of [two, three, four, app]) await server.call("DELETE", uri(application));
    for (const application of [two, three, four, app]) await server.reach(uri(application), "Terminated");

    const stack = await stackOf(server, [{ name: "hung", args: { image: STALLED("one").image } }]);
    const up = stack.begin(["up", "--yes", "--skip-preview"]);
    await until(
      async () =>
        (await server.get<Page<Application>>("/api/v1/application/?name=hung")).objects[0]?.state ===
        "Starting",
      "the stack's application is Starting",
      90_000,
    );
    up.kill("SIGINT");
    expect((await up.done).code).not.toBe(0);
    expect((await stack.destroy()).code).toBe(0);
    expect(await containersOn(machine)).toEqual([]);
  });

  test("a pull without progress is given up, and says so", async () => {
    await startRegistry(machine);
    const server = await startDockerServer(engines, { pullIdle: 1_500 });
    await server.call("POST", "/api/v1/image/", { name: "127.0.0.1:5000/me/idle", ...CREDENTIALS });
    const idle = await server.deploy(STALLED("idle"), "Start failed");
    expect((await server.container(idle)).exit_code_msg).toBe(
      "No such image: 127.0.0.1:5000/me/idle:1, and it could not be pulled: " +
        "nothing came from the registry for 1.5 s (--pull-timeout says how long is waited)",
    );
  });

  test("while the only engine is away nothing is said to run, no policy acts, and nothing is replaced", async () => {
    const server = await startDockerServer(engines);
    const policies = { autorestart: "ALWAYS", autoreplace: "ALWAYS", autodestroy: "OFF" };
    const stack = await stackOf(server, [{ name: "web", args: { image: PROBE_IMAGE, ...policies } }]);
    expect((await stack.up()).code).toBe(0);
    const { web: uuid } = await stack.ids();
    const uri = `/api/v1/application/${uuid}/`;
    const before = await server.container(await server.get(uri));
    const ids = (await containersOn(machine)).map(({ Id }) => Id);
    await machine.killDaemon();
    const paths = [uri, "/api/v1/application/", before.resource_uri, "/api/v1/container/"];
    await until(async () => (await server.call("GET", uri)).status === 503);
    const answers = await Promise.all(paths.map(path => server.call<{ error: string }>("GET", path)));
    expect(answers.map(({ status, body }) => [status, body.error])).toEqual(
      paths.map(() => [
        503,
        "What runs the containers does not answer: nobody can tell which of them still run.",
      ]),
    );
    const refreshed = await stack.refresh();
    expect(refreshed.code).not.toBe(0);
    expect(refreshed.output).toContain("nobody can tell which of them still run");
    await machine.startDaemon();
    await server.reach(uri, "Running");
    expect((await server.container(await server.get(uri))).uuid).toBe(before.uuid);
    expect((await containersOn(machine)).map(({ Id }) => Id)).toEqual(ids);
    expect((await stack.up("--refresh")).steps).toEqual([]);
  });
});

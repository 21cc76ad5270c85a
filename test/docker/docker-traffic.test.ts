/**
 * The real Pulumi CLI against real containers, while visitors come through the proxy: not one of them notices a change,
 * and none is answered by what does not run. All at once on one engine, each with a stack and a name of its own.
 */
import { Stack } from "../engine/stack";
import { atEnd, temporaryFolder } from "../server/harness";
import { buildServer, runServer } from "../server/server-process";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { type Container, client, engineId, nodeOptions } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";
import { sendVisitors, type Visits } from "./visitors";

const CREDENTIALS = { user: "admin", apikey: "secret-key" };
const PROXY_PORT = 8099;
/** Counted after each of the five changes, on top of those during it: more than 10,000 in all. */
const AFTERWARDS = 2_000;
const SLOWLY = { containerEnvvars: { SLOW: "3" }, runCommand: "sh -c 'sleep $SLOW; exec serve'" };

describeEngines("visitors of a server on a Docker Engine", () => {
  let engines: Engines;
  let machine: Machine;

  beforeAll(async () => {
    buildServer();
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
    await commit("exits", ["sh", "-c", "echo boom; exit 3"]);
    await commit("silent", ["sleep", "600"]);
  });
  afterAll(() => engines?.close());

  /** The probe with another command, as a tag of it. */
  async function commit(tag: string, Cmd: string[]): Promise<void> {
    const { Id } = await machine.call<{ Id: string }>("POST", "/containers/create", { Image: PROBE_IMAGE });
    await machine.call("POST", `/commit?container=${Id}&repo=tutum/probe&tag=${tag}`, { Cmd });
    await machine.call("DELETE", `/containers/${Id}`);
  }

  test("no change loses a request, and a broken image does not take the place of a good one", async () => {
    const options = ["--backend", "docker", "--node", nodeOptions(engines)[0] as string];
    const times = ["--settle-time", "1s", "--ready-timeout", "8s"];
    const process = runServer(temporaryFolder(), machine.inside.enter, [
      ...options,
      ...times,
      "--proxy-port",
      `${PROXY_PORT}`,
    ]);
    const { port } = new URL(await process.ready);
    const url = `http://127.0.0.1:${await machine.inside.forward("127.0.0.1", Number(port))}`;
    const api = client(url, CREDENTIALS);

    /** An application of two containers, and what its visitors got while `change` went on. */
    async function during(
      name: string,
      args: object,
      change: (
        up: (args: object) => Promise<{ code: number; output: string }>,
        uuid: string,
      ) => Promise<void>,
    ): Promise<Visits> {
      const stack = await Stack.create("test/engine/programs/declared");
      atEnd(() => stack.dispose());
      stack.env.TUTUM_BASE_URL = `${url}/api/v1/`;
      stack.env.TUTUM_AUTH = `ApiKey ${CREDENTIALS.user}:${CREDENTIALS.apikey}`;
      const host = `${name}.example.com`;
      const up = (more: object) => {
        const all = { image: PROBE_IMAGE, targetNumContainers: 2, webPublicDns: host, ...args, ...more };
        stack.env.DECLARATIONS = JSON.stringify([{ name, args: all }]);
        return stack.up();
      };
      const first = await up({});
      if (first.code !== 0) throw new Error(first.output);
      const { [name]: uuid = "" } = await stack.ids();
      const visitors = await sendVisitors(machine, PROXY_PORT, host, `^${name}-`);
      await until(async () => (await visitors.count()).good > 20);
      await change(up, uuid);
      return visitors.stop(AFTERWARDS);
    }

    const found = await Promise.all([
      during("exits", { autorestart: "ALWAYS" }, async up => {
        const run = await up({ image: "tutum/probe:exits" });
        expect(run.code).not.toBe(0);
        expect(run.output).toMatch(/Exit code 3/);
        expect(run.output).toContain("| boom");
      }),
      during("silent", {}, async up => {
        const run = await up({ image: "tutum/probe:silent" });
        expect(run.code).not.toBe(0);
        expect(run.output).toContain("started, but nothing answers on its port 80/tcp within 8 s");
      }),
      during("slow", SLOWLY, async up => {
        const run = await up({ containerEnvvars: { SLOW: "3.1" } });
        expect([run.code, run.output]).toEqual([0, expect.stringContaining("replaced")]);
      }),
      during("scaled", SLOWLY, async (up, uuid) => {
        expect((await up({ targetNumContainers: 4 })).code).toBe(0);
        expect(await api.get(`/api/v1/application/${uuid}/`)).toMatchObject({ running_num_containers: 4 });
      }),
      during("hung", {}, async (_, uuid) => {
        const { containers } = await api.get(`/api/v1/application/${uuid}/`);
        const id = await engineId(machine, containers[0] as string);
        await machine.call("POST", `/containers/${id}/pause`);
        atEnd(() => machine.call("POST", `/containers/${id}/unpause`).catch(() => {}));
      }),
    ]);
    expect(found.map(({ bad }) => bad)).toEqual([{}, {}, {}, {}, {}]);
    for (const { good } of found) expect(good).toBeGreaterThanOrEqual(AFTERWARDS);
  }, 400_000);

  test("a container that is restarted again and again never counts as running between two ends", async () => {
    const options = ["--backend", "docker", "--node", nodeOptions(engines)[0] as string];
    const process = runServer(temporaryFolder(), machine.inside.enter, options);
    const { port } = new URL(await process.ready);
    const url = `http://127.0.0.1:${await machine.inside.forward("127.0.0.1", Number(port))}`;
    const api = client(url, CREDENTIALS);
    const created = await api.create({ image: "tutum/probe:exits", name: "web", autorestart: "ALWAYS" });
    const seen = new Set<string>();
    const ended = await until(async () => {
      const [application, container] = await Promise.all([
        api.get(created.resource_uri),
        api.get<Container>(created.containers[0] as string),
      ]);
      seen.add(`${application.state}, ${container.state}`);
      return application.state === "Stopped with errors" && container;
    });
    expect([...seen].filter(state => state.includes("Running"))).toEqual([]);
    expect(ended).toMatchObject({ exit_code: 3, exit_code_msg: "Exit code 3 (Error)" });
    expect(await api.logs(ended.resource_uri)).toBe("boom\n".repeat(4));
    await api.call("DELETE", created.resource_uri);
    await api.reach(created.resource_uri, "Terminated");
  });
});

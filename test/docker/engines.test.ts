/** The engines that these tests run on: what the other files of this folder rely on. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";
import { eventually } from "./swarm-server";

interface Created {
  Id: string;
}

/** Everything outside that belongs to engines: processes by what they were started with, folders, cgroups. */
function traces(folder: string): string[] {
  const processes = readdirSync("/proc").filter(pid => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
    } catch {
      return false;
    }
  });
  const cgroups = readdirSync("/sys/fs/cgroup", { recursive: true, encoding: "utf8" });
  const name = folder.split("/").at(-1) as string;
  return [
    ...processes,
    ...cgroups.filter(path => path.includes(name)),
    ...(existsSync(folder) ? [folder] : []),
    ...readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .filter(line => line.includes(folder)),
  ];
}

async function run(machine: Machine, options: object = {}): Promise<string> {
  const { Id } = await machine.call<Created>("POST", "/containers/create", {
    Image: PROBE_IMAGE,
    ...options,
  });
  await machine.call("POST", `/containers/${Id}/start`);
  return Id;
}

const published = (port: number) => ({
  ExposedPorts: { "80/tcp": {} },
  HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] } },
});

describeEngines("engines", () => {
  let engines: Engines;
  let machine: Machine;

  beforeAll(async () => {
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
  });

  afterAll(() => engines?.close());

  test("a container of the probe image shows its environment on a port of its machine", async () => {
    await run(machine, { Env: ["GREETING=hello there"], ...published(49153) });
    const answer = await machine.inside.fetch("http://127.0.0.1:49153/env");
    expect(await answer.text()).toMatch(/^GREETING=hello there$/m);
  });

  test("a container of the probe image fetches another address, and says so when nothing answers", async () => {
    await run(machine, { Hostname: "front", ...published(49154) });
    const get = async (url: string) => {
      const answer = await machine.inside.fetch(`http://127.0.0.1:49154/cgi-bin/get?${url}`);
      return { status: answer.status, text: (await answer.text()).trim() };
    };
    expect(await get("http://127.0.0.1:80/")).toEqual({ status: 200, text: "front" });
    expect((await get("http://127.0.0.1:81/")).status).toBe(502);
  });

  test("a container of the probe image ends with the code it is told", async () => {
    const id = await run(machine, published(49155));
    await machine.inside.fetch("http://127.0.0.1:49155/cgi-bin/exit?7").catch(() => {});
    expect(await machine.call("POST", `/containers/${id}/wait`)).toMatchObject({ StatusCode: 7 });
  });

  test("a daemon that was killed starts again with the containers it had", async () => {
    const id = await run(machine, { HostConfig: { RestartPolicy: { Name: "always" } } });
    await machine.killDaemon();
    await expect(machine.call("GET", "/_ping")).rejects.toThrow();
    await machine.startDaemon();
    expect(await machine.call("GET", `/containers/${id}/json`)).toMatchObject({ State: { Running: true } });
  });
});

describeEngines("a Swarm of three engines", () => {
  let engines: Engines;

  beforeAll(async () => {
    engines = await Engines.start(3);
    await engines.joinSwarm();
  });

  afterAll(() => engines?.close());

  const nodes = async () => {
    const all = await engines.machines[0]?.call<
      { Description: { Hostname: string }; Status: { State: string } }[]
    >("GET", "/nodes");
    return Object.fromEntries((all ?? []).map(node => [node.Description.Hostname, node.Status.State]));
  };

  async function become(states: Record<string, string>): Promise<void> {
    await eventually(async () => {
      const seen = await nodes();
      return Object.entries(states).every(([name, state]) => seen[name] === state);
    });
  }

  test("all three are ready, and a node that lost its power is down until it is back", async () => {
    await become({ node1: "ready", node2: "ready", node3: "ready" });
    const node = engines.machines[2] as Machine;
    await node.crash();
    await become({ node3: "down" });
    await node.boot();
    await become({ node3: "ready" });
  });

  test("the machines reach each other's containers and what runs in the network between them", async () => {
    const [first, second] = engines.machines as [Machine, Machine];
    await run(second, {
      ExposedPorts: { "80/tcp": {} },
      Hostname: "behind",
      HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "49153" }] } },
    });
    await run(first, published(49154));
    const url = "http://127.0.0.1:49154/cgi-bin/get?http://10.99.0.2:49153/";
    expect(await (await first.inside.fetch(url)).text()).toContain("behind");
    expect(await (await engines.network.fetch("http://10.99.0.2:49153/")).text()).toContain("behind");
  });
});

describeEngines("nothing is left", () => {
  const folderOf = (machine: Machine) => machine.socket.replace(/\/node1\/.*/, "");

  test("after the engines were closed", async () => {
    const engines = await Engines.start();
    const machine = engines.machines[0] as Machine;
    await run(machine, { Cmd: ["sh", "-c", "while :; do sleep 1; done"] });
    expect(traces(folderOf(machine))).not.toEqual([]);
    await engines.close();
    expect(traces(folderOf(machine))).toEqual([]);
  });

  test("after the process that started them was killed", async () => {
    const load = join(__dirname, "../simulation/load.cjs");
    const program = join(__dirname, "started-engines.ts");
    const child: ChildProcess = fork(program, { execArgv: ["-r", load] });
    const [folder] = (await once(child, "message")) as [string];
    expect(traces(folder)).not.toEqual([]);
    child.kill("SIGKILL");
    await until(() => traces(folder).length === 0);
  });
});

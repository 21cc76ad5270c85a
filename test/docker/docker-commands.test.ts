/** `tutum-server` with real containers: the server stays after `exec`, and nothing is left after `reset`. */
import { spawn } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rootCertificates } from "node:tls";
import type { Application } from "../../provider/tutum/client";
import { atEnd, temporaryFolder } from "../server/harness";
import { buildServer } from "../server/server-process";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { containersOn, startDockerServer, visit } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";

/** A certificate that vouches for itself, for both ends. */
const TLS = resolve(__dirname, "../tutum/client/fixtures");
const BIN = resolve(__dirname, "../../server/bin/tutum-server.js");

interface Done {
  code: number | null;
  stdout: string;
  stderr: string;
}

function tutumServer(args: string[], env: Record<string, string> = {}): Promise<Done> {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", data => (stdout += data));
  child.stderr.on("data", data => (stderr += data));
  return new Promise(done => child.on("close", code => done({ code, stdout, stderr })));
}

/** What `exec` runs: a request to the server it was given, as any client would send it. */
function calling(method: string, path: string, body?: object): string[] {
  const script = `
    fetch(process.env.TUTUM_BASE_URL + ${JSON.stringify(path)}, {
      method: ${JSON.stringify(method)},
      headers: { Authorization: process.env.TUTUM_AUTH, "Content-Type": "application/json" },
      body: ${JSON.stringify(body && JSON.stringify(body))},
    }).then(async answer => console.log(await answer.text()));`;
  return [process.execPath, "-e", script];
}

describeEngines("tutum-server with a Docker Engine", () => {
  let engines: Engines;
  let machine: Machine;
  let data: string;
  /** For commands of the test's own. */
  let bin: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    buildServer();
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
  });
  afterAll(() => engines?.close());
  beforeEach(() => {
    bin = temporaryFolder();
    data = temporaryFolder();
    env = { DOCKER_HOST: `unix://${machine.socket}`, TUTUM_SERVER_DATA: data };
    atEnd(() => tutumServer(["reset", "--yes"], env));
    atEnd(() => tutumServer(["stop"], env));
  });

  const exec = (...command: string[]) => tutumServer(["exec", "--backend", "docker", "--", ...command], env);
  const create = () => exec(...calling("POST", "application/", { image: PROBE_IMAGE, name: "web" }));
  const running = async () =>
    (await containersOn(machine)).length === 1 && (await containersOn(machine))[0]?.State === "running";

  test("the server stays after exec, says how to end it, and is used by the next one", async () => {
    const first = await create();
    expect(first.stderr).toMatch(/the server stays.*\n.*tutum-server stop .*\n.*tutum-server reset --yes /);
    const { uuid } = JSON.parse(first.stdout) as Application;
    await until(running);
    const second = await exec(...calling("GET", `application/${uuid}/`));
    expect([second.stderr, (JSON.parse(second.stdout) as Application).uuid]).toEqual(["", uuid]);
    // It counts as running when it has stood for a moment.
    await until(async () =>
      /applications: 1\n {2}Running: 1/.test((await tutumServer(["status"], env)).stdout),
    );

    expect((await tutumServer(["stop"], env)).stdout).toMatch(/^stopped the server at http/);
    expect(await tutumServer(["stop"], env)).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^not running/),
    });
    expect(await running()).toBe(true);
    const third = await exec(...calling("GET", `application/${uuid}/`));
    expect((JSON.parse(third.stdout) as Application).state).toBe("Running");
  });

  test("reset removes the containers and the network, whether the server runs or not", async () => {
    await create();
    await until(running);
    expect((await tutumServer(["reset", "--yes"], env)).stdout).toBe("removed 1 applications\n");
    expect(await containersOn(machine)).toEqual([]);
    await create();
    await until(running);
    await tutumServer(["stop"], env);
    expect((await tutumServer(["reset", "--yes"], env)).code).toBe(0);
    expect(await containersOn(machine)).toEqual([]);
    const networks = await machine.call<{ Name: string }[]>("GET", "/networks");
    expect(networks.map(({ Name }) => Name).sort()).toEqual(["bridge", "host", "none"]);
  });

  test("a reset that can't reach the engine says so, and the next one removes what is left", async () => {
    await create();
    await until(running);
    await machine.killDaemon();
    const reset = await until(async () => {
      const done = await tutumServer(["reset", "--yes"], env);
      return done.code === 1 && done;
    });
    expect(reset.stderr).toMatch(
      /^tutum-server: The applications are removed, but not all of their containers: .*Reset again to remove the rest\.\n$/,
    );
    await machine.startDaemon();
    await until(async () => (await tutumServer(["reset", "--yes"], env)).code === 0);
    expect(await containersOn(machine)).toEqual([]);
  });

  test("an engine behind ssh is reached with the user's own ssh", async () => {
    const ssh = `#!/bin/sh\necho "$@" >>${bin}/calls\nexec docker -H unix://${machine.socket} system dial-stdio\n`;
    writeFileSync(join(bin, "ssh"), ssh, { mode: 0o755 });
    env = { ...env, DOCKER_HOST: "ssh://me@engine.example:2222", PATH: `${bin}:${process.env.PATH}` };
    const { uuid } = JSON.parse((await create()).stdout) as Application;
    await until(running);
    const logs = await exec(...calling("GET", `application/${uuid}/logs/`));
    expect(JSON.parse(logs.stdout)).toEqual({ logs: expect.stringContaining("[web-1] serving web-1 on 80") });
    const calls = new Set(readFileSync(join(bin, "calls"), "utf8").trim().split("\n"));
    expect([...calls]).toEqual([
      "-o BatchMode=yes -o ConnectTimeout=10 -T -p 2222 -l me -- engine.example docker system dial-stdio",
    ]);
  });

  test("an engine behind TLS is reached with the certificates of DOCKER_CERT_PATH, and with no others", async () => {
    await machine.stopDaemon();
    const [cert, key] = ["tls-cert.pem", "tls-key.pem"].map(name => join(TLS, name)) as [string, string];
    const tls = ["--tlsverify", "--tlscacert", cert, "--tlscert", cert, "--tlskey", key];
    await machine.startDaemon(["-H", "tcp://127.0.0.1:2376", ...tls]);
    const port = await machine.inside.forward("127.0.0.1", 2376);
    const there = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: bin };
    env = { ...env, ...there };
    const refused = async () => (await tutumServer(["start", "--backend", "docker"], env)).stderr;
    expect(await refused()).toContain(
      `TLS to the engine needs ${bin}/ca.pem (DOCKER_CERT_PATH names the folder)`,
    );

    for (const [name, file] of [
      ["cert", cert],
      ["key", key],
    ] as const)
      copyFileSync(file, join(bin, `${name}.pem`));
    writeFileSync(join(bin, "ca.pem"), rootCertificates[0] as string);
    expect(await refused()).toMatch(/no Docker Engine answers: tcp:.*self-signed certificate/);

    copyFileSync(cert, join(bin, "ca.pem"));
    const { uuid } = JSON.parse((await create()).stdout) as Application;
    await until(running);
    const logs = await exec(...calling("GET", `application/${uuid}/logs/`));
    expect(JSON.parse(logs.stdout)).toEqual({ logs: expect.stringContaining("[web-1] serving web-1 on 80") });
    await tutumServer(["reset", "--yes"], env);
    await tutumServer(["stop"], env);

    env = { ...env, DOCKER_TLS_VERIFY: "" };
    expect(await refused()).toMatch(/no Docker Engine answers: tcp:.*HTTP request to an HTTPS server/);
  });

  test("what can't be done is refused in plain words", async () => {
    const start = (...args: string[]) => tutumServer(["start", ...args], env);
    for (const [args, said] of [
      [["--backend", "docker", "--virtual-clock"], "--virtual-clock is for simulated containers"],
      [["--backend", "docker", "--seed", "x.json"], "--seed is for simulated containers"],
      [["--node", "n1=unix:///x"], "--node is for real containers: add --backend docker"],
      [["--backend", "docker", "--memory"], "real containers need a data folder"],
      [["--backend", "docker", "--size", "M=1"], '"M=1" is not a size limit'],
      [
        ["--backend", "docker", "--node", "n1=unix:///nowhere.sock"],
        "no Docker Engine answers: unix:///nowhere.sock",
      ],
    ] as const) {
      const { code, stderr } = await start(...args);
      expect([args, code, stderr]).toEqual([args, 1, expect.stringContaining(`tutum-server: ${said}`)]);
    }
    await create();
    await until(running);
    await tutumServer(["stop"], env);
    const { stderr } = await start("--backend", "memory");
    expect(stderr).toContain(`the applications in ${data} run with --backend docker`);
  });
});

describeEngines("containers on a Docker Engine", () => {
  let engines: Engines;

  beforeAll(async () => {
    engines = await Engines.start();
  });
  afterAll(() => engines?.close());

  test("have no privilege and nothing of the host, and the limits of their size", async () => {
    const machine = engines.machines[0] as Machine;
    const server = await startDockerServer(engines, { sizes: ["M=64m,0.5"] });
    const command =
      "sh -c 'exec 2>&1; grep -E \"^(NoNewPrivs|CapEff)\" /proc/self/status; mount -t tmpfs none /tmp; echo $?'";
    const odd = "`id` $(id) ; \u0007 \u001b[31m \"'\\ é\n--privileged";
    const web = await server.deploy(
      {
        image: PROBE_IMAGE,
        name: "web",
        container_size: "M",
        run_command: command,
        container_envvars: [{ key: "ODD", value: odd }],
      },
      "Stopped",
    );
    const container = await server.container(web);
    const [info] = await containersOn(machine);
    const { HostConfig, Config, Mounts } = await machine.call<{
      HostConfig: Record<string, unknown>;
      Config: { Env: string[] };
      Mounts: unknown[];
    }>("GET", `/containers/${info?.Id}/json`);
    expect(Mounts).toEqual([]);
    expect(Config.Env).toContain(`ODD=${odd}`);
    expect(HostConfig).toMatchObject({
      Privileged: false,
      Binds: null,
      CapAdd: null,
      Devices: null,
      IpcMode: "private",
      PidMode: "",
      UTSMode: "",
      UsernsMode: "",
      VolumesFrom: null,
      SecurityOpt: ["no-new-privileges"],
      RestartPolicy: { Name: "no" },
      Memory: 64 * 1024 ** 2,
      NanoCpus: 500_000_000,
      PidsLimit: 4096,
    });
    expect(await server.logs(container.resource_uri)).toMatch(/NoNewPrivs:\s+1[\s\S]*denied[\s\S]*1\n$/);
  });

  test("answer on the loopback of their machine, and not on its address", async () => {
    const machine = engines.machines[0] as Machine;
    const server = await startDockerServer(engines);
    const web = await server.deploy({ image: PROBE_IMAGE, name: "web" });
    const port = (await server.container(web)).container_ports[0]?.outer_port;
    expect((await machine.inside.fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    await expect(engines.network.fetch(`http://${machine.address}:${port}/`)).rejects.toThrow();
  });

  test("of a node with the address 0.0.0.0 answer on all its addresses, and find each other", async () => {
    const machine = engines.machines[0] as Machine;
    const nodes = [`open=unix://${machine.socket},address=0.0.0.0`];
    const server = await startDockerServer(engines, { nodes });
    const db = await server.deploy({ image: PROBE_IMAGE, name: "db" });
    const port = (await server.container(db)).container_ports[0]?.outer_port;
    const answer = await engines.network.fetch(`http://${machine.address}:${port}/`);
    expect((await answer.text()).trim()).toBe("db-1");
    const linked_to_application = [db.resource_uri];
    const web = await server.deploy({ image: PROBE_IMAGE, name: "web", linked_to_application });
    const url = `http://db-1-admin.open.tutum.internal:${port}/`;
    expect(await visit(machine, await server.container(web), `/cgi-bin/get?${url}`)).toBe("db-1");
  });

  test("that use more memory than their size has end with a reason", async () => {
    const server = await startDockerServer(engines, { sizes: ["XS=8m"] });
    const run_command = "sh -c 'sleep 0.3; x=0123456789; while :; do x=$x$x; done'";
    const web = await server.deploy({ image: PROBE_IMAGE, name: "web", run_command }, "Stopped with errors");
    expect(await server.container(web)).toMatchObject({
      exit_code: 137,
      exit_code_msg: "Exit code 137 (Out of memory)",
    });
  });
});

/**
 * Real Docker daemons, each on a machine of its own: namespaces with a host name, an address 10.99.0.N, processes and
 * mounts that nobody else sees, joined by a bridge from which nothing leads out. Nothing has a name outside, so that
 * runs side by side don't meet, and everything ends with `close()` or with this process, however it ends.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { askEngine, engineCall } from "./engine-api";
import { childOf, Namespace } from "./namespace";
import { BUSYBOX, PROBE_CHANGES, PROBE_IMAGE, probeImage } from "./probe-image";

export { PROBE_IMAGE } from "./probe-image";

/** Where the machines reach what runs in `engines.network`. */
export const NETWORK_ADDRESS = "10.99.0.254";

const NAMESPACES = ["--net", "--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const STARTED_WITHIN_MS = 30_000;
/** A Swarm node is down when it has not been heard of for three times this long. */
const HEARTBEAT_NS = 2_000_000_000;

/** Why there can be no engines here; undefined when there can. */
export function unavailable(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  for (const tool of ["dockerd", "iptables", "ip", "nsenter", "unshare", "tar", "bash", BUSYBOX]) {
    const found = spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0;
    if (!found) return `${tool} is not installed; npm run setup:system installs what is needed`;
  }
  const tried = spawnSync("unshare", [...NAMESPACES, "true"], { encoding: "utf8" });
  return tried.status === 0 ? undefined : `namespaces do not work here: ${tried.stderr.trim()}`;
}

export class Machine {
  readonly address: string;
  readonly socket: string;
  private readonly folder: string;
  private holder?: ChildProcess;
  private namespace?: Namespace;
  /** The process of `nsenter`, whose child is the daemon. */
  private daemon?: ChildProcess;
  private boots = 0;

  constructor(
    private readonly network: Namespace,
    folder: string,
    private readonly cgroup: string,
    readonly name: string,
    private readonly number: number,
  ) {
    this.address = `10.99.0.${number}`;
    this.folder = join(folder, name);
    this.socket = join(this.folder, "docker.sock");
    mkdirSync(this.folder);
  }

  /** Its network, in which its containers' loopback ports are. */
  get inside(): Namespace {
    if (!this.namespace) throw new Error(`${this.name} is switched off`);
    return this.namespace;
  }

  /** Switches it on, and waits for its daemon. What it had on disk is still there. */
  async boot(): Promise<void> {
    const outside = ["nsenter", `--target=${this.network.pid}`, "--pid", "--mount", "unshare", ...NAMESPACES];
    this.holder = start([...outside, join(__dirname, "machine.sh"), this.name], "pipe");
    await firstLine(this.holder);
    const pid = childOf(childOf(this.holder.pid as number));
    this.namespace = new Namespace(pid);
    const link = `m${this.number}-${++this.boots}`;
    const veth = ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(pid)];
    ip(this.network, ...veth);
    ip(this.network, "link", "set", link, "master", "br0", "up");
    ip(this.namespace, "addr", "add", `${this.address}/24`, "dev", "eth0");
    ip(this.namespace, "link", "set", "eth0", "up");
    rmSync(join(this.folder, "exec"), { recursive: true, force: true });
    await this.startDaemon();
  }

  /** Pulls the plug: nothing in it ends in an orderly way. */
  async crash(): Promise<void> {
    this.inside.close();
    const ended = once(this.holder as ChildProcess, "exit");
    process.kill(this.inside.pid, "SIGKILL");
    await ended;
    this.namespace = undefined;
  }

  /** Lets go of what leads into it; the machine itself ends with the network. */
  off(): void {
    this.namespace?.close();
  }

  async startDaemon(more: readonly string[] = []): Promise<void> {
    rmSync(join(this.folder, "docker.pid"), { force: true });
    const log = openSync(join(this.folder, "log"), "a");
    const { folder, socket } = this;
    const options = [
      "--data-root",
      `${folder}/data`,
      "--exec-root",
      `${folder}/exec`,
      "-H",
      `unix://${socket}`,
    ];
    const apart = ["-p", `${folder}/docker.pid`, "--cgroup-parent", `/${this.cgroup}`];
    const command = [
      "nsenter",
      `--target=${this.inside.pid}`,
      "--all",
      "dockerd",
      ...options,
      ...apart,
      ...more,
    ];
    const daemon = start(command, log);
    this.daemon = daemon;
    const deadline = Date.now() + STARTED_WITHIN_MS;
    while (!(await this.answers())) {
      if (daemon.exitCode !== null || Date.now() > deadline) {
        const said = readFileSync(join(folder, "log"), "utf8").trim().split("\n").slice(-10).join("\n");
        throw new Error(`dockerd on ${this.name} did not start: ${said}`);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  /** Kills dockerd and its containerd; the containers' processes live on until the daemon starts again. */
  async killDaemon(): Promise<void> {
    const daemon = this.daemon as ChildProcess;
    const ended = once(daemon, "exit");
    const dockerd = childOf(daemon.pid as number);
    const containerd = childOf(dockerd);
    for (const pid of [dockerd, containerd]) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended with the other one.
      }
    }
    await ended;
  }

  /** The daemon starts another one by itself. */
  killContainerd(): void {
    process.kill(childOf(childOf(this.daemon?.pid as number)), "SIGKILL");
  }

  /** As `systemctl stop docker` does: its containers are told to end first. */
  async stopDaemon(): Promise<void> {
    const daemon = this.daemon as ChildProcess;
    const ended = once(daemon, "exit");
    process.kill(childOf(daemon.pid as number), "SIGTERM");
    await ended;
  }

  /** Sends the daemon a call; throws on anything but success. */
  call<T = unknown>(method: string, path: string, body?: object | Buffer): Promise<T> {
    return engineCall(this.socket, method, path, body);
  }

  private async answers(): Promise<boolean> {
    try {
      return (await askEngine(this.socket, "GET", "/_ping")).status === 200;
    } catch {
      return false;
    }
  }
}

export class Engines {
  private constructor(
    private readonly keeper: ChildProcess,
    /** Between the machines: their ports are reached from here, and here they reach a server. */
    readonly network: Namespace,
    readonly machines: readonly Machine[],
  ) {}

  /** `count` machines with a daemon and the probe image each: `engines.machines[0]` is `node1`. */
  static async start(count = 1): Promise<Engines> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), "tutum-engines-"));
    const cgroup = basename(folder);
    const keeper = start([join(__dirname, "keep.sh"), folder, cgroup], "pipe");
    await firstLine(keeper);
    const network = new Namespace(childOf(childOf(keeper.pid as number)));
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const machines = numbers.map(number => new Machine(network, folder, cgroup, `node${number}`, number));
    const engines = new Engines(keeper, network, machines);
    try {
      const image = probeImage();
      await Promise.all(machines.map(machine => machine.boot().then(() => importProbe(machine, image))));
    } catch (error) {
      await engines.close();
      throw error;
    }
    return engines;
  }

  /** Makes the first machine the manager of a Swarm and the others its workers. */
  async joinSwarm(): Promise<void> {
    const [manager, ...workers] = this.machines as [Machine, ...Machine[]];
    const addresses = (machine: Machine) => ({
      AdvertiseAddr: machine.address,
      ListenAddr: `${machine.address}:2377`,
    });
    await manager.call("POST", "/swarm/init", {
      ...addresses(manager),
      DefaultAddrPool: ["10.77.0.0/16"],
      SubnetSize: 24,
      Spec: { Dispatcher: { HeartbeatPeriod: HEARTBEAT_NS } },
    });
    const { JoinTokens } = await manager.call<{ JoinTokens: { Worker: string } }>("GET", "/swarm");
    const swarm = { RemoteAddrs: [`${manager.address}:2377`], JoinToken: JoinTokens.Worker };
    for (const worker of workers)
      await worker.call("POST", "/swarm/join", { ...addresses(worker), ...swarm });
  }

  async close(): Promise<void> {
    this.network.close();
    for (const machine of this.machines) machine.off();
    const ended = this.keeper.exitCode === null ? once(this.keeper, "exit") : undefined;
    this.keeper.stdin?.end();
    await ended;
  }
}

async function importProbe(machine: Machine, image: Buffer): Promise<void> {
  const [repo = "", tag = ""] = PROBE_IMAGE.split(":");
  const query = new URLSearchParams([
    ["fromSrc", "-"],
    ["repo", repo],
    ["tag", tag],
  ]);
  for (const change of PROBE_CHANGES) query.append("changes", change);
  await machine.call("POST", `/images/create?${query}`, image);
}

/** Detached: Ctrl-C, which reaches the whole group of this process, must not end it before its time. */
function start(command: string[], output: "pipe" | number): ChildProcess {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { detached: true, stdio: ["pipe", output, output] });
  child.stdin?.on("error", () => {});
  return child;
}

/** Resolves when the process says that it is ready; rejects with what it said when it ends instead. */
async function firstLine(child: ChildProcess): Promise<void> {
  let said = "";
  const hear = (stream: Readable | null) => stream?.on("data", data => (said += data));
  hear(child.stderr);
  hear(child.stdout);
  const ended = once(child, "exit").then(() => {
    throw new Error(`${child.spawnargs.join(" ")} ended: ${said}`);
  });
  ended.catch(() => {});
  while (!said.includes("ready")) await Promise.race([once(child.stdout as Readable, "data"), ended]);
}

function ip(namespace: Namespace, ...args: string[]): void {
  const [file = "", ...rest] = [...namespace.enter, "ip", ...args];
  const { status, stderr } = spawnSync(file, rest, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.trim()}`);
}

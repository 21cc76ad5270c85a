/** A server with containers on a Swarm, and what a test asks the Swarm itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerOptions } from "../../server/index";
import { runServer, type ServerProcess } from "../server/server-process";
import { until } from "../until";
import { type Container, client, type DockerServer, startDockerServer } from "./docker-server";
import { type Engines, type Machine, PROBE_IMAGE } from "./engines";

export const KEY = { user: "admin", apikey: "secret-key" };

export function managerOptions({ machines }: Engines): string[] {
  const [manager] = machines as [Machine];
  return [`manager=unix://${manager.socket}`];
}

export function startSwarmServer(engines: Engines, options: ServerOptions = {}): Promise<DockerServer> {
  return startDockerServer(engines, { backend: "swarm", nodes: managerOptions(engines), ...options });
}

export type SwarmServerProcess = ReturnType<typeof client> & {
  process: ServerProcess;
  /** Leads to its API. */
  url: string;
  /** A port here that leads to its proxy. */
  proxyPort: number;
};

/** The built server in the network between the machines, where it reaches their containers. */
export async function runSwarmServer(engines: Engines, dataDir: string): Promise<SwarmServerProcess> {
  const { network } = engines;
  const node = managerOptions(engines).flatMap(manager => ["--node", manager]);
  const process = runServer(dataDir, network.enter, ["--backend", "swarm", ...node]);
  const port = await network.forward("127.0.0.1", Number(new URL(await process.ready).port));
  const settings = JSON.parse(readFileSync(join(dataDir, "settings.json"), "utf8")) as { proxyPort: number };
  const proxyPort = await network.forward("127.0.0.1", settings.proxyPort);
  const url = `http://127.0.0.1:${port}`;
  return { process, url, proxyPort, ...client(url, KEY) };
}

export interface Service {
  ID: string;
  Spec: { Name: string; Labels: Record<string, string>; Mode: { Replicated: { Replicas: number } } };
}

export interface Task {
  ID: string;
  ServiceID: string;
  NodeID?: string;
  DesiredState: string;
  Status: { State: string };
}

export function services({ machines }: Engines): Promise<Service[]> {
  return (machines[0] as Machine).call("GET", "/services");
}

export function tasks({ machines }: Engines): Promise<Task[]> {
  return (machines[0] as Machine).call("GET", "/tasks");
}

export async function runningTasks(engines: Engines): Promise<Task[]> {
  return (await tasks(engines)).filter(({ Status }) => Status.State === "running");
}

/** A service of somebody else, on all nodes, with that outer port if any. */
export async function createForeign(engines: Engines, name: string, port?: number): Promise<string> {
  const [manager] = engines.machines as [Machine];
  const { ID } = await manager.call<{ ID: string }>("POST", "/services/create", {
    Name: name,
    TaskTemplate: { ContainerSpec: { Image: PROBE_IMAGE } },
    Mode: { Global: {} },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: port ? [{ TargetPort: 80, PublishedPort: port, PublishMode: "host" }] : [],
    },
  });
  return ID;
}

/** Of the node in a container's public DNS name. */
export function machineOf({ machines }: Engines, { public_dns }: Container): Machine {
  const node = public_dns?.split(".")[1];
  const machine = machines.find(({ name }) => name === node);
  if (!machine) throw new Error(`no machine is called ${node}: ${public_dns}`);
  return machine;
}

/** What a container answers at its first outer port, asked from the network between the machines. */
export async function fetchFrom(engines: Engines, container: Container, path = "/"): Promise<string> {
  const port = container.container_ports[0]?.outer_port;
  const { address } = machineOf(engines, container);
  const url = `http://${address}:${port}${path}`;
  // A process that has just been started may not listen yet.
  const answer = await eventually(() => engines.network.fetch(url).catch(() => undefined));
  return (await answer.text()).trim();
}

/** Like `until`, with more patience: a network that lost a node may take its time with the next container. */
export function eventually<T>(fact: () => Promise<T | undefined | false>): Promise<T> {
  return until(fact, `this gives something: ${fact}`, 100_000);
}

/** A server with real containers for a test, and what the test asks it and the engines. */
import type { Application, Page } from "../../provider/tutum/client";
import { type RunningServer, type ServerOptions, startServer } from "../../server/index";
import { atEnd, type Container, temporaryFolder } from "../server/harness";
import type { Engines, Machine } from "./engines";

export type { Container } from "../../provider/tutum/client/types";

export const APPLICATIONS = "/api/v1/application/";
/** An overlay network may need half a minute to be in step again. */
const PATIENCE_MS = 90_000;

export interface Answer<T> {
  status: number;
  body: T;
}

export interface DockerServer extends RunningServer {
  call<T = Application>(method: string, path: string, body?: object): Promise<Answer<T>>;
  get<T = Application>(path: string): Promise<T>;
  create(body: object): Promise<Application>;
  /** Creates an application and waits for this state: Running. */
  deploy(body: object, state?: string): Promise<Application>;
  /** Waits until the application or container at this URI is in the state. */
  reach<T extends { state: string } = Application>(uri: string, state: string): Promise<T>;
  /** Of the application's container with this index. */
  container(application: Application, index?: number): Promise<Container>;
  logs(uri: string): Promise<string>;
}

/** How an engine is named to a server; several can reach each other at their addresses. */
export function nodeOptions(engines: Engines, count = 1): string[] {
  return engines.machines
    .slice(0, count)
    .map(({ name, socket, address }) => `${name}=unix://${socket}${count > 1 ? `,address=${address}` : ""}`);
}

/** Everything it started is gone at the end of the test. */
export async function startDockerServer(
  engines: Engines,
  options: ServerOptions = {},
): Promise<DockerServer> {
  const server = await startServer({
    backend: "docker",
    nodes: nodeOptions(engines),
    dataDir: temporaryFolder(),
    control: true,
    // This process is in no network of the machines: what waits for ports runs in one.
    readiness: { settle: 100, ready: 0 },
    ...options,
  });
  let open = true;
  const close = () => {
    open = false;
    return server.close();
  };
  atEnd(close);
  atEnd(() => open && reset(server));
  return Object.assign(Object.create(server) as RunningServer, client(server.url, server), { close });
}

/** Asks any server by its address. */
export function client(url: string, { user, apikey }: { user: string; apikey: string }) {
  const call = async <T = Application>(method: string, path: string, body?: object): Promise<Answer<T>> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        Authorization: `ApiKey ${user}:${apikey}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
  };
  const get = async <T = Application>(path: string) => (await call<T>("GET", path)).body;
  const create = async (body: object) => {
    const created = await call("POST", APPLICATIONS, body);
    if (created.status !== 202) throw new Error(`not created: ${JSON.stringify(created.body)}`);
    return created.body;
  };
  const reach = async <T extends { state: string } = Application>(uri: string, state: string): Promise<T> => {
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      const now = await get<T>(uri);
      if (now.state === state) return now;
      if (Date.now() > deadline) {
        const { objects } = await get<Page<Container>>("/api/v1/container/");
        throw new Error(`it is not ${state}: ${JSON.stringify([now, ...objects])}`);
      }
      await new Promise(resolve => setTimeout(resolve, 25));
    }
  };
  return {
    call,
    get,
    create,
    reach,
    deploy: async (body: object, state = "Running") => reach((await create(body)).resource_uri, state),
    container: ({ containers }: Application, index = 0) => get<Container>(containers[index] as string),
    logs: async (uri: string) => (await get<{ logs: string }>(`${uri}logs/`)).logs,
  };
}

export async function reset({ control }: RunningServer): Promise<void> {
  const answer = await fetch(`${control?.url}reset`, {
    method: "POST",
    headers: { Authorization: `Bearer ${control?.token}`, "Content-Type": "application/json" },
    body: '{"confirm":true}',
  });
  if (answer.status !== 200) throw new Error(`reset: ${await answer.text()}`);
}

/** An engine's container, as it tells it itself. */
export interface EngineContainer {
  Id: string;
  Names: string[];
  Labels: Record<string, string>;
  State: string;
}

export function containersOn(machine: Machine): Promise<EngineContainer[]> {
  return machine.call("GET", "/containers/json?all=1");
}

/** The engine's id of what the API calls by this uuid. */
export async function engineId(machine: Machine, uri: string): Promise<string> {
  const uuid = uri.split("/").at(-2);
  const found = (await containersOn(machine)).find(({ Labels }) => Labels["io.tutum.container"] === uuid);
  if (!found) throw new Error(`${machine.name} has no container ${uuid}`);
  return found.Id;
}

/** What a container answers at its first outer port, asked on its machine. */
export async function visit(machine: Machine, { container_ports }: Container, path = "/"): Promise<string> {
  const port = container_ports[0]?.outer_port;
  const answer = await machine.inside.fetch(`http://127.0.0.1:${port}${path}`);
  return (await answer.text()).trim();
}

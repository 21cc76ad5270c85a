/**
 * One engine's calls, as far as the backend needs them. Errors are `EngineError`s: with the engine's status and words,
 * or without a status when nobody answered.
 *
 *     ping · daemonStart · network · image · pull · list · create · start · stop · remove · inspect · logs · events
 */
import type { Readable } from "node:stream";
import Docker from "dockerode";
import type { ImageConfig } from "../containers/image-defaults";
import { serverFilter, serverLabels } from "../containers/labels";
import { logText } from "../containers/log-text";
import { networkName } from "../containers/names";
import type { RegistryCredentials } from "../containers/registry";
import { EngineError, toEngineError, unlessDone, unlessMissing } from "./engine-error";

/** How long an engine may take to say anything at all, and to do what needs no waiting. */
const PING_MS = 5_000;
const CALL_MS = 60_000;
/** What a process gets to end by itself, as with `docker stop`. */
const STOP_SECONDS = 10;
const LOG_LINES = 1_000;
const EVENTS = ["start", "kill", "die", "destroy"];

export interface EngineEvent {
  action: string;
  /** The engine's id of the container. */
  container: string;
  labels: Record<string, string>;
}

/** One layer's progress while an image is fetched. */
export interface PullProgress {
  id?: string;
  status?: string;
}

export class Engine {
  private readonly quick: Docker;
  /** For what takes as long as it takes. */
  private readonly patient: Docker;

  constructor(options: Docker.DockerOptions) {
    this.quick = new Docker({ ...options, timeout: CALL_MS });
    this.patient = new Docker(options);
  }

  async ping(): Promise<void> {
    // The types know no options of a ping.
    const ping = this.quick.ping.bind(this.quick) as (options: object) => Promise<unknown>;
    await asked(ping({ abortSignal: AbortSignal.timeout(PING_MS) }));
  }

  /** When the daemon began to run, in ms: it makes its `bridge` network anew each time. Undefined when it has none. */
  async daemonStart(): Promise<number | undefined> {
    const bridge = await unlessMissing(asked(this.quick.getNetwork("bridge").inspect()));
    return bridge && Date.parse(bridge.Created);
  }

  /** Makes the server's network unless it is there; its address on the node leads from containers to the node. */
  async network(server: string): Promise<{ gateway: string | undefined }> {
    const network = this.quick.getNetwork(networkName(server));
    let found = await unlessMissing(asked(network.inspect()));
    if (!found) {
      const Labels = serverLabels(server);
      await asked(this.quick.createNetwork({ Name: networkName(server), CheckDuplicate: true, Labels }));
      found = await asked(network.inspect());
    }
    return { gateway: found?.IPAM?.Config?.[0]?.Gateway };
  }

  async removeNetwork(server: string): Promise<void> {
    await unlessDone(asked(this.quick.getNetwork(networkName(server)).remove()));
  }

  /** Undefined when the engine does not have it. */
  async image(reference: string): Promise<ImageConfig | undefined> {
    const found = await unlessMissing(asked(this.quick.getImage(reference).inspect()));
    return found && (found.Config ?? {});
  }

  async pull(
    reference: string,
    credentials: RegistryCredentials | undefined,
    progress: (step: PullProgress) => void,
  ): Promise<void> {
    const stream = await asked(
      this.patient.pull(reference, credentials ? { authconfig: credentials } : {}) as Promise<Readable>,
    );
    await new Promise<void>((resolve, reject) => {
      const done = (error: Error | null) => (error ? reject(new EngineError(error.message, 500)) : resolve());
      this.patient.modem.followProgress(stream, done, progress);
    });
  }

  list(server: string): Promise<Docker.ContainerInfo[]> {
    return asked(this.quick.listContainers({ all: true, filters: serverFilter(server) }));
  }

  /** Outer ports of all containers that run, whoever's they are. */
  async publishedPorts(): Promise<{ labels: Record<string, string>; ports: number[] }[]> {
    const running = await asked(this.quick.listContainers());
    return running.map(({ Labels, Ports }) => ({
      labels: Labels,
      ports: Ports.flatMap(({ PublicPort }) => PublicPort ?? []),
    }));
  }

  async create(options: Docker.ContainerCreateOptions): Promise<string> {
    return (await asked(this.quick.createContainer(options))).id;
  }

  async start(container: string): Promise<void> {
    try {
      await asked(this.quick.getContainer(container).start());
    } catch (error) {
      if (!(error instanceof EngineError) || error.status !== 304) throw error;
    }
  }

  async stop(container: string): Promise<void> {
    await unlessDone(asked(this.patient.getContainer(container).stop({ t: STOP_SECONDS })));
  }

  async remove(container: string): Promise<void> {
    await unlessDone(asked(this.quick.getContainer(container).remove({ force: true, v: true })));
  }

  inspect(container: string): Promise<Docker.ContainerInspectInfo | undefined> {
    return unlessMissing(asked(this.quick.getContainer(container).inspect()));
  }

  /** The last lines; empty when the container is gone. */
  async logs(container: string): Promise<string> {
    const options = { stdout: true, stderr: true, follow: false as const, tail: LOG_LINES };
    const frames = await unlessMissing(asked(this.quick.getContainer(container).logs(options)));
    return frames ? logText(Buffer.from(frames)) : "";
  }

  /** Of this server's containers, until `signal`; `ended` is called once, for whatever reason there are no more. */
  async events(
    server: string,
    signal: AbortSignal,
    happened: (event: EngineEvent) => void,
    ended: () => void,
  ): Promise<void> {
    const filters = JSON.stringify({ type: ["container"], event: EVENTS, ...serverFilter(server) });
    const stream = (await asked(this.patient.getEvents({ filters, abortSignal: signal }))) as Readable;
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter(line => line.trim() !== "")) happened(readEvent(line));
    });
    stream.on("error", () => {});
    stream.once("close", ended);
    signal.addEventListener("abort", () => stream.destroy());
  }
}

function readEvent(line: string): EngineEvent {
  const { Action, Actor } = JSON.parse(line) as {
    Action: string;
    Actor: { ID: string; Attributes: Record<string, string> };
  };
  return { action: Action, container: Actor.ID, labels: Actor.Attributes };
}

async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toEngineError(error);
  }
}

/**
 * A Swarm's calls, through one of its managers, as far as the backend needs them. Errors are `EngineError`s.
 *
 *     connect · nodes · services · tasks · create · update · remove · taskLogs · removeNetwork · nodeUpdates
 */
import type { Readable } from "node:stream";
import Docker from "dockerode";
import { InFlight } from "../containers/in-flight";
import { serverFilter, serverLabels } from "../containers/labels";
import { logText } from "../containers/log-text";
import type { RegistryCredentials } from "../containers/registry";
import { EngineError, toEngineError, unlessDone, unlessMissing } from "../docker/engine-error";
import { overlayName, type ServiceSpec } from "./service-spec";

const CALL_MS = 30_000;
const LOGS_MS = 10_000;
const LOG_LINES = 1_000;
/** Another change of the same service came between reading and writing it. */
const RETRIES = 10;

export interface SwarmNode {
  ID: string;
  Spec: { Availability: "active" | "pause" | "drain" };
  Description: { Hostname: string };
  Status: { State: "unknown" | "down" | "ready" | "disconnected"; Addr?: string; Message?: string };
  ManagerStatus?: { Addr?: string };
}

export interface SwarmService {
  ID: string;
  Version: { Index: number };
  Spec: ServiceSpec;
}

export interface SwarmTask {
  ID: string;
  ServiceID: string;
  NodeID?: string;
  CreatedAt: string;
  DesiredState: string;
  Spec: { ContainerSpec?: { Labels?: Record<string, string> } };
  Status: { State: string; Err?: string; Message?: string; ContainerStatus?: { ExitCode?: number } };
}

export class Swarm {
  private readonly quick: Docker;
  private readonly patient: Docker;
  private readonly networks = new InFlight<string>();

  constructor(
    options: Docker.DockerOptions,
    private readonly server: string,
  ) {
    this.quick = new Docker({ ...options, timeout: CALL_MS });
    this.patient = new Docker(options);
  }

  /** Why it can't be used; undefined when it can. */
  async problem(): Promise<string | undefined> {
    const { Swarm: swarm } = (await asked(this.quick.info())) as {
      Swarm?: { LocalNodeState?: string; ControlAvailable?: boolean };
    };
    if (swarm?.LocalNodeState !== "active") return "it is not part of a Swarm: `docker swarm init` makes one";
    if (!swarm.ControlAvailable) return "it is a worker: name one of the Swarm's managers";
    return undefined;
  }

  /** The id of the server's network, which is made unless it is there: by one of those that ask at the same time. */
  network(): Promise<string> {
    return this.networks.share("", () => this.findOrMakeNetwork());
  }

  private async findOrMakeNetwork(): Promise<string> {
    const Name = overlayName(this.server);
    const found = await unlessMissing(asked(this.quick.getNetwork(Name).inspect()));
    if (found) return found.Id as string;
    const options = { Name, Driver: "overlay", CheckDuplicate: true, Labels: serverLabels(this.server) };
    return (await asked(this.quick.createNetwork(options))).id;
  }

  async removeNetwork(): Promise<void> {
    await unlessDone(asked(this.quick.getNetwork(overlayName(this.server)).remove()));
  }

  async nodes(): Promise<SwarmNode[]> {
    return (await asked(this.quick.listNodes())) as SwarmNode[];
  }

  async services(): Promise<SwarmService[]> {
    const filters = JSON.stringify(serverFilter(this.server));
    return (await asked(this.quick.listServices({ filters }))) as unknown as SwarmService[];
  }

  async tasks(): Promise<SwarmTask[]> {
    const filters = JSON.stringify(serverFilter(this.server));
    return (await asked(this.quick.listTasks({ filters }))) as SwarmTask[];
  }

  async create(spec: ServiceSpec, credentials: RegistryCredentials | undefined): Promise<string> {
    const created = credentials
      ? await asked(this.quick.createService(credentials, spec as Docker.CreateServiceOptions))
      : await asked(this.quick.createService(spec as Docker.CreateServiceOptions));
    return created.id;
  }

  /** Undefined: there is no such service. Else how it was before. */
  async update(
    id: string,
    change: (spec: ServiceSpec) => ServiceSpec,
    credentials?: RegistryCredentials,
  ): Promise<ServiceSpec | undefined> {
    const service = this.quick.getService(id);
    // The types know one form of it only.
    const update = service.update.bind(service) as unknown as (...args: object[]) => Promise<unknown>;
    for (let retry = 0; ; retry++) {
      const found = (await unlessMissing(asked(service.inspect()))) as SwarmService | undefined;
      if (!found) return undefined;
      const body = { version: found.Version.Index, ...change(found.Spec) };
      try {
        await asked(credentials ? update(credentials, body) : update(body));
        return found.Spec;
      } catch (error) {
        // Answered with 500, not with 409.
        const stale = error instanceof EngineError && error.message.includes("out of sequence");
        if (!stale || retry === RETRIES) throw error;
      }
    }
  }

  async remove(id: string): Promise<void> {
    await unlessDone(asked(this.quick.getService(id).remove()));
  }

  /** The last lines; empty when they are gone, or the node does not answer. */
  async taskLogs(id: string): Promise<string> {
    const options = { stdout: true, stderr: true, follow: false, tail: LOG_LINES };
    const task = this.quick.getTask(id) as unknown as {
      logs(options: object): Promise<Buffer | string>;
    };
    const abortSignal = AbortSignal.timeout(LOGS_MS);
    const frames = await asked(task.logs({ ...options, abortSignal })).catch(() => undefined);
    return frames ? logText(Buffer.isBuffer(frames) ? frames : Buffer.from(frames, "binary")) : "";
  }

  /** Ids of nodes that changed, until `signal`; `ended` is called once when there are no more. */
  async nodeUpdates(signal: AbortSignal, updated: (node: string) => void, ended: () => void): Promise<void> {
    const filters = JSON.stringify({ type: ["node"] });
    const stream = (await asked(this.patient.getEvents({ filters, abortSignal: signal }))) as Readable;
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter(line => line.trim() !== "")) {
        updated((JSON.parse(line) as { Actor: { ID: string } }).Actor.ID);
      }
    });
    stream.on("error", () => {});
    stream.once("close", ended);
    signal.addEventListener("abort", () => stream.destroy());
  }
}

async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toEngineError(error);
  }
}

/**
 * A Swarm's calls, through one of its managers, as far as the backend needs them. Errors are `EngineError`s.
 *
 *     problem · ownNode · nodes · services · tasks · create · update · remove · taskLogs · removeNetwork · nodeUpdates
 */
import { InFlight } from "../containers/in-flight";
import { serverFilter, serverLabels } from "../containers/labels";
import { LogTail } from "../containers/log-text";
import type { RegistryCredentials } from "../containers/registry";
import { Connection, type EngineAddress } from "../docker/connection";
import { EngineError, unlessDone, unlessMissing } from "../docker/engine-error";
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

interface SwarmInfo {
  NodeID?: string;
  LocalNodeState?: string;
  ControlAvailable?: boolean;
}

export class Swarm {
  private readonly connection: Connection;
  private readonly networks = new InFlight<string>();

  constructor(
    address: EngineAddress,
    private readonly server: string,
  ) {
    this.connection = new Connection(address);
  }

  /** Why it can't be used; undefined when it can. */
  async problem(): Promise<string | undefined> {
    const swarm = await this.info();
    if (swarm?.LocalNodeState !== "active") return "it is not part of a Swarm: `docker swarm init` makes one";
    if (!swarm.ControlAvailable) return "it is a worker: name one of the Swarm's managers";
    return undefined;
  }

  /** The id of the node whose daemon answers here. */
  async ownNode(): Promise<string | undefined> {
    return (await this.info())?.NodeID;
  }

  private async info(): Promise<SwarmInfo | undefined> {
    return (await this.get<{ Swarm?: SwarmInfo }>("/info")).Swarm;
  }

  /** The id of the server's network, which is made unless it exists: by one of those that ask at the same time. */
  network(): Promise<string> {
    return this.networks.share("", () => this.findOrMakeNetwork());
  }

  private async findOrMakeNetwork(): Promise<string> {
    const Name = overlayName(this.server);
    const found = await unlessMissing(this.get<{ Id: string }>(`/networks/${Name}`));
    if (found) return found.Id;
    const body = { Name, Driver: "overlay", CheckDuplicate: true, Labels: serverLabels(this.server) };
    const request = { body, within: CALL_MS };
    return (await this.connection.ask<{ Id: string }>("POST", "/networks/create", request)).Id;
  }

  async removeNetwork(): Promise<void> {
    await this.delete(`/networks/${overlayName(this.server)}`);
  }

  nodes(): Promise<SwarmNode[]> {
    return this.get("/nodes");
  }

  services(): Promise<SwarmService[]> {
    return this.get("/services", { filters: JSON.stringify(serverFilter(this.server)) });
  }

  tasks(): Promise<SwarmTask[]> {
    return this.get("/tasks", { filters: JSON.stringify(serverFilter(this.server)) });
  }

  async create(spec: ServiceSpec, credentials: RegistryCredentials | undefined): Promise<string> {
    const request = { body: spec, credentials, within: CALL_MS };
    return (await this.connection.ask<{ ID: string }>("POST", "/services/create", request)).ID;
  }

  /** Undefined: there is no such service. Else how it was before. */
  async update(
    id: string,
    change: (spec: ServiceSpec) => ServiceSpec,
    credentials?: RegistryCredentials,
  ): Promise<ServiceSpec | undefined> {
    for (let retry = 0; ; retry++) {
      const found = await unlessMissing(this.get<SwarmService>(`/services/${id}`));
      if (!found) return undefined;
      const query = { version: found.Version.Index };
      const request = { query, body: change(found.Spec), credentials, within: CALL_MS };
      try {
        await this.connection.send("POST", `/services/${id}/update`, request);
        return found.Spec;
      } catch (error) {
        // Answered with 500, not with 409.
        const stale = error instanceof EngineError && error.message.includes("out of sequence");
        if (!stale || retry === RETRIES) throw error;
      }
    }
  }

  async remove(id: string): Promise<void> {
    await this.delete(`/services/${id}`);
  }

  /** The last lines; empty when they are gone, or the node does not answer. */
  async taskLogs(id: string): Promise<string> {
    const query = { stdout: true, stderr: true, tail: LOG_LINES };
    const response = this.connection.stream("GET", `/tasks/${id}/logs`, { query, within: LOGS_MS });
    return response.then(LogTail.of).catch(() => "");
  }

  /** Ids of nodes that changed, until `signal`; `ended` is called once when there are no more. */
  async nodeUpdates(signal: AbortSignal, updated: (node: string) => void, ended: () => void): Promise<void> {
    await this.connection.events<{ Actor: { ID: string } }>({ type: ["node"] }, signal, ended, ({ Actor }) =>
      updated(Actor.ID),
    );
  }

  private get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    return this.connection.ask("GET", path, { query, within: CALL_MS });
  }

  private async delete(path: string): Promise<void> {
    await unlessDone(this.connection.send("DELETE", path, { within: CALL_MS }));
  }
}

/**
 * One engine's calls, as far as the backend needs them. Errors are `EngineError`s: with the engine's status and words,
 * or without a status when there was no response.
 *
 *     ping · daemonStart · network · image · pull · list · create · start · stop · remove · inspect · logs · events
 */
import type { ImageConfig } from "../containers/image-defaults";
import { serverFilter, serverLabels } from "../containers/labels";
import { LogTail } from "../containers/log-text";
import { networkName } from "../containers/names";
import type { RegistryCredentials } from "../containers/registry";
import { Connection, type EngineAddress, jsonLines } from "./connection";
import { EngineError, unlessDone, unlessMissing } from "./engine-error";

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

export interface ListedContainer {
  Id: string;
  Names: string[];
  Labels: Record<string, string>;
  State: string;
  Ports: { IP?: string; PublicPort?: number }[];
}

export interface ContainerState {
  Status: string;
  Running: boolean;
  OOMKilled: boolean;
  ExitCode: number;
  Error: string;
  StartedAt: string;
  FinishedAt: string;
}

export interface InspectedContainer {
  State: ContainerState;
  HostConfig: { PortBindings?: Record<string, { HostIp?: string }[] | null> | null };
  NetworkSettings: { Networks?: Record<string, { IPAddress?: string }> | null };
}

interface EngineNetwork {
  Created: string;
  IPAM?: { Config?: { Gateway?: string }[] | null };
}

interface TellsOfContainer {
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
}

export class Engine {
  private readonly connection: Connection;

  constructor(address: EngineAddress) {
    this.connection = new Connection(address);
  }

  async ping(): Promise<void> {
    await this.connection.send("GET", "/_ping", { within: PING_MS });
  }

  /** When the daemon began to run, in ms: it makes its `bridge` network again each time. Undefined when it has none. */
  async daemonStart(): Promise<number | undefined> {
    const bridge = await unlessMissing(this.inspectNetwork("bridge"));
    return bridge && Date.parse(bridge.Created);
  }

  /** Makes the server's network unless it exists; its address on the node leads from containers to the node. */
  async network(server: string): Promise<{ gateway: string | undefined }> {
    const Name = networkName(server);
    let found = await unlessMissing(this.inspectNetwork(Name));
    if (!found) {
      const body = { Name, CheckDuplicate: true, Labels: serverLabels(server) };
      await this.connection.send("POST", "/networks/create", { body, within: CALL_MS });
      found = await this.inspectNetwork(Name);
    }
    return { gateway: found.IPAM?.Config?.[0]?.Gateway };
  }

  async removeNetwork(server: string): Promise<void> {
    await unlessDone(this.connection.send("DELETE", `/networks/${networkName(server)}`, { within: CALL_MS }));
  }

  /** Undefined when the engine does not have it. */
  async image(reference: string): Promise<ImageConfig | undefined> {
    const found = await unlessMissing(
      this.connection.ask<{ Config?: ImageConfig }>("GET", `/images/${reference}/json`, { within: CALL_MS }),
    );
    return found && (found.Config ?? {});
  }

  /** Until `signal`, whose reason it then throws: the engine gives up what it has begun. */
  async pull(
    reference: string,
    credentials: RegistryCredentials | undefined,
    progress: (step: PullProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    // Without a tag of its own, all tags would be fetched.
    const [, fromImage = reference, tag = "latest"] = /^(.+):([^:/]+)$/.exec(reference) ?? [];
    const query = { fromImage, tag };
    try {
      const response = await this.connection.stream("POST", "/images/create", { query, credentials, signal });
      for await (const step of jsonLines<PullProgress & { error?: string }>(response)) {
        // It goes wrong after the engine began to respond with 200.
        if (step.error !== undefined) throw new EngineError(step.error, 500);
        progress(step);
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  list(server: string): Promise<ListedContainer[]> {
    const query = { all: true, filters: JSON.stringify(serverFilter(server)) };
    return this.connection.ask("GET", "/containers/json", { query, within: CALL_MS });
  }

  /** Outer ports of all containers that run, no matter whose. */
  async publishedPorts(): Promise<{ labels: Record<string, string>; ports: number[] }[]> {
    const running = await this.connection.ask<ListedContainer[]>("GET", "/containers/json", {
      within: CALL_MS,
    });
    return running.map(({ Labels, Ports }) => ({
      labels: Labels,
      ports: Ports.flatMap(({ PublicPort }) => PublicPort ?? []),
    }));
  }

  async create({ name, ...body }: { name: string; [other: string]: unknown }): Promise<string> {
    const request = { query: { name }, body, within: CALL_MS };
    return (await this.connection.ask<{ Id: string }>("POST", "/containers/create", request)).Id;
  }

  async start(container: string): Promise<void> {
    try {
      await this.connection.send("POST", `/containers/${container}/start`, { within: CALL_MS });
    } catch (error) {
      if (!(error instanceof EngineError) || error.status !== 304) throw error;
    }
  }

  async stop(container: string): Promise<void> {
    await unlessDone(
      this.connection.send("POST", `/containers/${container}/stop`, { query: { t: STOP_SECONDS } }),
    );
  }

  async remove(container: string): Promise<void> {
    const query = { force: true, v: true };
    await unlessDone(this.connection.send("DELETE", `/containers/${container}`, { query, within: CALL_MS }));
  }

  inspect(container: string): Promise<InspectedContainer | undefined> {
    return unlessMissing(
      this.connection.ask<InspectedContainer>("GET", `/containers/${container}/json`, {
        within: CALL_MS,
      }),
    );
  }

  /** The end of what it wrote, which may be far more; empty when the container is gone. */
  async logs(container: string): Promise<string> {
    const query = { stdout: true, stderr: true, tail: LOG_LINES };
    const response = await unlessMissing(
      this.connection.stream("GET", `/containers/${container}/logs`, { query, within: CALL_MS }),
    );
    return response ? LogTail.of(response) : "";
  }

  /** Of this server's containers, until `signal`; `ended` is called once, for whatever reason there are no more. */
  async events(
    server: string,
    signal: AbortSignal,
    happened: (event: EngineEvent) => void,
    ended: () => void,
  ): Promise<void> {
    const filters = { type: ["container"], event: EVENTS, ...serverFilter(server) };
    await this.connection.events<TellsOfContainer>(filters, signal, ended, ({ Action, Actor }) =>
      happened({ action: Action, container: Actor.ID, labels: Actor.Attributes }),
    );
  }

  private inspectNetwork(name: string): Promise<EngineNetwork> {
    return this.connection.ask("GET", `/networks/${name}`, { within: CALL_MS });
  }
}

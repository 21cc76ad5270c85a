/**
 * What an engine is asked to create. This is all of it: whatever is not here (privileges, mounts, devices, other
 * namespaces) no container gets, and nothing a user sends becomes a key of its own.
 */
import type { ContainerSpec } from "../../model/backend";
import { splitCommand } from "../containers/command";
import { containerLabels } from "../containers/labels";
import { engineName, hostName, isHostName, networkName } from "../containers/names";
import { imageText } from "../containers/registry";
import type { SizeLimits } from "../containers/sizes";
import { EngineError } from "./engine-error";

export interface CreateContext {
  /** The server's id. */
  server: string;
  /** Addresses of the node that outer ports are bound to. */
  bindTo: readonly string[];
  sizes: SizeLimits;
  /** Where the outer ports of the container with this uuid are reached from here; undefined: nowhere. */
  addressOf(container: string): string | undefined;
  /** The engine's name of the container with this uuid, when it is on the same node. */
  neighbour(container: string): string | undefined;
}

/** More processes than a container has any use for, and fewer than would stop the machine. */
const PIDS = 4_096;
const LOG_OPTIONS = { "max-size": "10m", "max-file": "2" };

/** Throws an `EngineError` when a command can't be split. */
export function createOptions(spec: ContainerSpec, context: CreateContext) {
  const network = networkName(context.server);
  const ports = spec.ports ?? [];
  const limit = context.sizes[spec.size];
  const key = (port: { inner_port: number; protocol: string }) => `${port.inner_port}/${port.protocol}`;
  return {
    name: engineName(context.server, spec.name),
    Image: imageText(spec.image),
    Hostname: hostName(spec.name),
    ...words("Cmd", "run_command", spec.command),
    ...words("Entrypoint", "entrypoint", spec.entrypoint),
    Env: spec.env.map(({ key, value }) => `${key}=${value}`),
    Labels: containerLabels(context.server, spec),
    ExposedPorts: Object.fromEntries(ports.map(port => [key(port), {}])),
    HostConfig: {
      NetworkMode: network,
      PortBindings: Object.fromEntries(
        ports.map(port => [
          key(port),
          context.bindTo.map(HostIp => ({ HostIp, HostPort: String(port.outer_port) })),
        ]),
      ),
      ExtraHosts: spec.hosts.flatMap(({ name, container }) => {
        const address = context.addressOf(container);
        return address && isHostName(name) ? [`${name}:${address}`] : [];
      }),
      // The server restarts, and counts.
      RestartPolicy: { Name: "no" },
      // Docker's default is the host's on machines with cgroup v1.
      CgroupnsMode: "private",
      SecurityOpt: ["no-new-privileges"],
      PidsLimit: PIDS,
      LogConfig: { Type: "json-file", Config: LOG_OPTIONS },
      ...(limit?.memory ? { Memory: limit.memory } : {}),
      ...(limit?.cpus ? { NanoCpus: Math.round(limit.cpus * 1e9) } : {}),
    },
    NetworkingConfig: {
      EndpointsConfig: {
        [network]: {
          Aliases: [spec.name],
          Links: spec.links.flatMap(({ name, container }) => {
            const neighbour = context.neighbour(container);
            return neighbour && isHostName(name) ? [`${neighbour}:${name}`] : [];
          }),
        },
      },
    },
  };
}

function words(key: "Cmd" | "Entrypoint", field: string, text: string): object {
  if (text.trim() === "") return {};
  try {
    return { [key]: splitCommand(text) };
  } catch {
    throw new EngineError(`${field} has a quote that is not closed`, 400);
  }
}

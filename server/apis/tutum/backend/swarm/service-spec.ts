/**
 * What a Swarm is asked for: one service for each container, so that each has a name, outer ports and an end of its own.
 * Virtual addresses and the routing mesh need IPVS, which many kernels lack: names lead to the task itself (dnsrr), outer
 * ports are those of its node. The node is the server's choice, since names and outer ports say where a container is.
 * As with `create-options.ts`, what is not here no container gets.
 */
import type { ContainerSpec } from "../../model/backend";
import { splitCommand } from "../containers/command";
import { containerLabels } from "../containers/labels";
import { hostName, isHostName } from "../containers/names";
import { imageText } from "../containers/registry";
import type { SizeLimits } from "../containers/sizes";
import { EngineError } from "../docker/engine-error";

export interface ServiceContext {
  /** The server's id. */
  server: string;
  sizes: SizeLimits;
  /** The Swarm's id of the node with this name; undefined: there is none. */
  nodeId(name: string): string | undefined;
  /** Where the outer ports of the container with this uuid are reached. */
  addressOf(container: string): string | undefined;
}

export interface ServiceSpec {
  Name: string;
  Labels: Record<string, string>;
  TaskTemplate: {
    ForceUpdate: number;
    Placement: { Constraints: string[] };
    [other: string]: unknown;
  };
  Mode: { Replicated: { Replicas: number } };
  [other: string]: unknown;
}

/** No node has this label: a task that must go there stays nowhere, and the one before it is stopped. */
const NOWHERE = "node.labels.io.tutum.stopped == yes";
const NANOSECONDS = 1e9;
const STOP_SECONDS = 10;
const PIDS = 4_096;
const LOG_OPTIONS = { "max-size": "10m", "max-file": "2" };
/** A service's name is a label in DNS. */
const MAX_NAME = 63;

export function serviceName(server: string, { name, id }: { name: string; id: string }): string {
  const room = MAX_NAME - server.length - 1;
  // What is cut off must not be what tells it from its siblings.
  const part = id.slice(0, 8);
  return `${name.length <= room ? name : `${name.slice(0, room - part.length - 1)}-${part}`}-${server}`;
}

export function overlayName(server: string): string {
  return `tutum-${server}`;
}

/** Throws an `EngineError` when a command can't be split. `run` tells one order from the next: a greater one makes a new task. `network` is the id of the server's. */
export function serviceSpec(
  spec: ContainerSpec,
  { run, network }: { run: number; network: string },
  context: ServiceContext,
): ServiceSpec {
  const labels = containerLabels(context.server, spec);
  const limit = context.sizes[spec.size];
  const node = context.nodeId(spec.node);
  const application = spec.name.replace(/-\d+$/, "");
  return {
    Name: serviceName(context.server, spec),
    Labels: labels,
    TaskTemplate: {
      ContainerSpec: {
        Image: imageText(spec.image),
        Labels: labels,
        Hostname: hostName(spec.name),
        // A service's `Command` is what containers call entrypoint.
        ...words("Command", "entrypoint", spec.entrypoint),
        ...words("Args", "run_command", spec.command),
        Env: spec.env.map(({ key, value }) => `${key}=${literally(value)}`),
        Hosts: spec.hosts.flatMap(({ name, container }) => {
          const address = context.addressOf(container);
          return address && isHostName(name) ? [`${address} ${name}`] : [];
        }),
        StopGracePeriod: STOP_SECONDS * NANOSECONDS,
        Privileges: { NoNewPrivileges: true },
      },
      Resources: {
        Limits: {
          Pids: PIDS,
          ...(limit?.memory ? { MemoryBytes: limit.memory } : {}),
          ...(limit?.cpus ? { NanoCPUs: Math.round(limit.cpus * 1e9) } : {}),
        },
      },
      // The server restarts, and counts.
      RestartPolicy: { Condition: "none" },
      Placement: { Constraints: node === undefined ? [NOWHERE] : [`node.id == ${node}`] },
      Networks: [
        {
          Target: network,
          Aliases: [...new Set([spec.name, application])].map(name => name.toLowerCase()),
        },
      ],
      LogDriver: { Name: "json-file", Options: LOG_OPTIONS },
      ForceUpdate: run,
    },
    Mode: { Replicated: { Replicas: 1 } },
    UpdateConfig: { Parallelism: 0, FailureAction: "continue", Order: "stop-first" },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: (spec.ports ?? []).map(({ protocol, inner_port, outer_port }) => ({
        Protocol: protocol,
        TargetPort: inner_port,
        PublishedPort: outer_port,
        PublishMode: "host",
      })),
    },
  };
}

/**
 * The same with its task stopped. Not by having no replicas: then Swarm forgets the task, its exit code and its logs.
 * One whose place was taken is kept.
 */
export function displaced(spec: ServiceSpec): ServiceSpec {
  const { TaskTemplate } = spec;
  return {
    ...spec,
    TaskTemplate: {
      ...TaskTemplate,
      Placement: { Constraints: [NOWHERE] },
      ForceUpdate: (TaskTemplate.ForceUpdate ?? 0) + 1,
    },
  };
}

/** Nothing waits to run any more. */
export function withoutReplicas(spec: ServiceSpec): ServiceSpec {
  return { ...spec, Mode: { Replicated: { Replicas: 0 } } };
}

/** Swarm takes the values of variables for templates, as in `{{.Node.Hostname}}`. */
function literally(value: string): string {
  return value.replaceAll("{{", '{{"{{"}}');
}

function words(key: "Command" | "Args", field: string, text: string): object {
  if (text.trim() === "") return {};
  try {
    return { [key]: splitCommand(text) };
  } catch {
    throw new EngineError(`${field} has a quote that is not closed`, 400);
  }
}

/** Which backend runs the containers. Real ones are loaded only when they are chosen: they bring much along. */
import { UserError } from "../../../host/errors";
import type { Clock } from "../../../host/ports/clock";
import type { Logger } from "../../../host/ports/logger";
import type { Backend } from "../model/backend";
import type { ReadinessTimes } from "./containers/readiness";
import type { NodeOptions } from "./docker/endpoint";
import { createMemoryBackend } from "./memory";
import type { Times } from "./simulated-container";

export const BACKENDS = ["memory", "docker", "swarm"] as const;
export type BackendKind = (typeof BACKENDS)[number];

export interface BackendOptions {
  kind: BackendKind;
  /** This server's id on an engine. */
  server: string;
  times: Times;
  /** As `--node` takes them; empty: the engine that the `docker` command uses. */
  nodes: readonly string[];
  /** As `--size` takes them. */
  sizes: readonly string[];
  readiness?: Partial<ReadinessTimes>;
  /** Milliseconds without progress after which the fetch of an image is given up. */
  pullIdle?: number;
  clock: Clock;
  logger: Logger;
}

/** Throws a `UserError` when it can't be reached, or an option is wrong. */
export async function createBackend(options: BackendOptions): Promise<Backend> {
  if (options.kind === "memory") return createMemoryBackend(options.clock, options.times);
  if (options.kind === "swarm") return createSwarm(options);
  const docker = require("./docker/docker-backend") as typeof import("./docker/docker-backend");
  const { readNodes } = require("./docker/endpoint") as typeof import("./docker/endpoint");
  const { readSizeLimits } = require("./containers/sizes") as typeof import("./containers/sizes");
  return docker.createDockerBackend({
    server: options.server,
    nodes: readNodes(options.nodes, process.env),
    sizes: readSizeLimits(options.sizes),
    readiness: options.readiness,
    pullIdle: options.pullIdle,
    clock: options.clock,
    logger: options.logger,
  });
}

function createSwarm({ nodes, sizes, kind: _, times: __, ...options }: BackendOptions): Promise<Backend> {
  const swarm = require("./swarm/swarm-backend") as typeof import("./swarm/swarm-backend");
  const { readNodes } = require("./docker/endpoint") as typeof import("./docker/endpoint");
  const { readSizeLimits } = require("./containers/sizes") as typeof import("./containers/sizes");
  if (nodes.length > 1) throw new UserError("a Swarm needs one --node, a manager: it knows the others");
  const [manager] = readNodes(nodes, process.env) as [NodeOptions];
  return swarm.createSwarmBackend({ ...options, manager, sizes: readSizeLimits(sizes) });
}

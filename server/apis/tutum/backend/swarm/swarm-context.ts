import type { ContainerSpec } from "../../model/backend";
import type { ContainerContext } from "../containers/container-context";
import type { Limit } from "../containers/limit";
import type { ImageStore } from "../docker/images";
import type { NodeRestarts } from "./node-restarts";
import type { SwarmNodes } from "./nodes";
import type { Swarm } from "./swarm";

/** What the services of one Swarm share. */
export interface SwarmContext extends ContainerContext<{ readonly spec: ContainerSpec }> {
  readonly swarm: Swarm;
  readonly nodes: SwarmNodes;
  readonly restarts: NodeRestarts;
  /** The manager's engine, which tells what an image says. */
  readonly manager: ImageStore;
  readonly launches: Limit;
  /** Something is about to happen: the Swarm is to be looked at often. */
  hurry(): void;
}

/** What a container can be ordered to do, and what is left of that when the server starts again. */
import type { ContainerStatus } from "../../model/backend";

export type OrderKind = "launch" | "start" | "stop" | "remove";

/** What was last reported of it, or is taken over as reported. */
export type ReportedStatus = "nothing" | "running" | "exited";

/** The order that a container in this status waits for the end of. */
export function unfinishedOrder(status: ContainerStatus): OrderKind | undefined {
  if (status === "starting") return "launch";
  if (status === "stopping") return "stop";
  return status === "removing" ? "remove" : undefined;
}

export function reportedStatus(status: ContainerStatus): ReportedStatus {
  if (status === "running" || status === "stopping") return "running";
  return status === "exited" ? "exited" : "nothing";
}

/** It can't be given up: its end is waited for. */
export function mustEnd(kind: OrderKind): boolean {
  return kind === "stop" || kind === "remove";
}

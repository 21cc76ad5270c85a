/** How what is ours is told from what isn't: every container and network carries its server's id, and nothing else is touched. */
import type { ContainerSpec } from "../../model/backend";

const SERVER = "io.tutum.server";
const APPLICATION = "io.tutum.application";
const CONTAINER = "io.tutum.container";

export function serverLabels(server: string): Record<string, string> {
  return { [SERVER]: server };
}

export function containerLabels(server: string, spec: ContainerSpec): Record<string, string> {
  return { [SERVER]: server, [APPLICATION]: spec.application, [CONTAINER]: spec.id };
}

/** As the engine's `filters` want it. */
export function serverFilter(server: string): { label: string[] } {
  return { label: [`${SERVER}=${server}`] };
}

export function belongsTo(server: string, labels: Record<string, string> = {}): boolean {
  return labels[SERVER] === server;
}

/** The uuid under which this server knows what carries these labels. */
export function containerId(labels: Record<string, string> = {}): string | undefined {
  return labels[CONTAINER];
}

import { printable } from "../../http/printable";
import { withProgress } from "../../resource/lifecycle/progress";
import { type Application, type ContainerSummary, isSettled, type TutumClient } from "../client";
import type { ApplicationContext } from "./context";

/** What a wait needs of an operation. */
export type Waiting = Pick<ApplicationContext, "client" | "clock" | "signal" | "report">;

/** Waits until the application rests, telling meanwhile what it does. Undefined: it is gone. */
export async function settled(
  context: Waiting,
  application: Application,
  deadline: number,
): Promise<Application | undefined> {
  if (isSettled(application)) return application;
  const { client, signal } = context;
  const pending = (seen: Application, signal: AbortSignal) => pendingContainers(client, seen, signal);
  return withProgress(context, application, { phase, isSettled, pending }, onProgress =>
    client.settled(application, { deadline, signal, onProgress }),
  );
}

async function pendingContainers(
  { containers }: TutumClient,
  { uuid }: Application,
  signal: AbortSignal,
): Promise<string[]> {
  const pending: string[] = [];
  for await (const container of containers.list({ application__uuid: uuid }, { signal })) {
    if (!isSettled(container)) pending.push(described(container));
  }
  return pending;
}

/** With what it waits for, where the server says so instead of the end of an earlier run. */
function described({ unique_name: name, state, exit_code_msg: said }: ContainerSummary): string {
  const why = state === "Starting" && said && !said.startsWith("Exit code") ? ` (${printable(said)})` : "";
  return `${name} is ${state}${why}`;
}

function phase({
  unique_name: name,
  state,
  running_num_containers: running,
  target_num_containers: target,
}: Pick<Application, "unique_name" | "state" | "running_num_containers" | "target_num_containers">): string {
  return `${name} is ${state}: ${running} of ${target} container${target === 1 ? "" : "s"} running`;
}

import { type Application, isSettled } from "../client";
import type { ApplicationContext } from "./context";

/** Milliseconds after which a wait is told to be a long one, and again each time. */
const LONG = 30_000;

/**
 * Waits until the application rests, telling meanwhile what it does: its state with each change, and what it waits
 * for when that takes long. Undefined: it is gone.
 */
export async function settled(
  context: ApplicationContext,
  application: Application,
  deadline: number,
): Promise<Application | undefined> {
  if (isSettled(application)) return application;
  const { client, signal } = context;
  const ended = new AbortController();
  const watch = { context, begun: context.clock.now(), last: application, signal: ended.signal };
  const onProgress = (seen: Application) => {
    watch.last = seen;
    context.report(phase(seen));
  };
  onProgress(application);
  void tellLaggards(watch);
  try {
    return await client.settled(application, { deadline, signal, onProgress });
  } finally {
    ended.abort();
  }
}

interface Watch {
  context: ApplicationContext;
  begun: number;
  last: Application;
  signal: AbortSignal;
}

/** Names the containers that have not come to rest; of no answer nothing is told. */
async function tellLaggards(watch: Watch): Promise<void> {
  const { context, begun, signal } = watch;
  const { client, clock } = context;
  try {
    for (;;) {
      await clock.sleep(LONG, signal);
      const laggards: string[] = [];
      for await (const container of client.containers.list(
        { application__uuid: watch.last.uuid },
        { signal },
      )) {
        if (!isSettled(container)) laggards.push(`${container.unique_name} is ${container.state}`);
      }
      const seconds = Math.round((clock.now() - begun) / 1_000);
      context.report([`${phase(watch.last)} after ${seconds} s`, ...laggards].join("; "));
    }
  } catch {
    return;
  }
}

function phase({
  state,
  running_num_containers: running,
  target_num_containers: target,
}: Pick<Application, "state" | "running_num_containers" | "target_num_containers">): string {
  return `${state}: ${running} of ${target} container${target === 1 ? "" : "s"} running`;
}

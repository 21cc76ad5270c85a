import { printable } from "../../resource/printable";
import { type Application, type ContainerSummary, isSettled } from "../client";
import type { ApplicationContext } from "./context";

/** Milliseconds of a wait that is over before anyone wonders: a line about it would be noise. */
const BRIEF = 1_000;
/** Milliseconds after which a wait is told to be a long one, and again each time. */
const LONG = 30_000;

/** What a wait needs of an operation. */
export type Waiting = Pick<ApplicationContext, "client" | "clock" | "signal" | "report">;

/**
 * Waits until the application rests, telling meanwhile what it does: after a second its state, and that with each
 * change; what it waits for when that takes long. Undefined: it is gone.
 */
export async function settled(
  context: Waiting,
  application: Application,
  deadline: number,
): Promise<Application | undefined> {
  if (isSettled(application)) return application;
  const { client, signal } = context;
  const ended = new AbortController();
  const begun = context.clock.now();
  const watch = { context, begun, last: application, signal: ended.signal };
  const onProgress = (seen: Application) => {
    watch.last = seen;
    // What it comes to rest in is told by what follows.
    if (context.clock.now() - begun >= BRIEF && !isSettled(seen)) context.report(phase(seen));
  };
  void tell(watch);
  try {
    return await client.settled(application, { deadline, signal, onProgress });
  } finally {
    ended.abort();
  }
}

interface Watch {
  context: Waiting;
  begun: number;
  last: Application;
  signal: AbortSignal;
}

/** What takes time, and then the containers that have not come to rest; of no answer nothing is told. */
async function tell(watch: Watch): Promise<void> {
  const { context, begun, signal } = watch;
  const { client, clock } = context;
  try {
    await clock.sleep(BRIEF, signal);
    context.report(phase(watch.last));
    for (let next = LONG; ; next += LONG) {
      await clock.sleep(begun + next - clock.now(), signal);
      const laggards: string[] = [];
      for await (const container of client.containers.list(
        { application__uuid: watch.last.uuid },
        { signal },
      )) {
        if (!isSettled(container)) laggards.push(laggard(container));
      }
      const seconds = Math.round((clock.now() - begun) / 1_000);
      context.report([`${phase(watch.last)} after ${seconds} s`, ...laggards].join("; "));
    }
  } catch {
    return;
  }
}

/** With what it waits for, where the server says so instead of the end of an earlier run. */
function laggard({ unique_name: name, state, exit_code_msg: said }: ContainerSummary): string {
  const why = state === "Starting" && said && !said.startsWith("Exit code") ? ` (${printable(said)})` : "";
  return `${name} is ${state}${why}`;
}

/** With its name: a diff's progress lines have no row of their own, and a replacement has two applications. */
function phase({
  unique_name: name,
  state,
  running_num_containers: running,
  target_num_containers: target,
}: Pick<Application, "unique_name" | "state" | "running_num_containers" | "target_num_containers">): string {
  return `${name} is ${state}: ${running} of ${target} container${target === 1 ? "" : "s"} running`;
}

/**
 * The end of a provider process. The engine sends SIGINT when all operations are done, and waits until this process
 * has ended; one that is killed sends none, and a Ctrl-C at the terminal reaches the engine alone: the provider has a
 * process group of its own.
 */
import type { OnEnd } from "../../lifecycle/lifecycle";

export interface Ending {
  onEnd: OnEnd;
  /** The engine is gone: nobody would hear of what is done from then on, and the next run finds what was begun. */
  gone(): void;
}

/**
 * Milliseconds in which an engine that was cancelled saves what it was told. One that was cancelled twice ends without
 * what it had not saved by then.
 */
const SAVED_WITHIN = 250;

export function ending(cancelled: AbortSignal): Ending {
  const callbacks: Parameters<OnEnd>[0][] = [];
  const call = (inPeace: boolean) => {
    for (const callback of callbacks.splice(0)) callback(inPeace);
  };
  process.once("SIGINT", () => {
    if (cancelled.aborted && !savesLast()) {
      setTimeout(() => {
        setImmediate(() => process.exit(130));
        call(false);
      }, SAVED_WITHIN);
      return;
    }
    // Not before whoever else listens has been called.
    setImmediate(() => process.exit(130));
    call(true);
  });
  return {
    onEnd: callback => void callbacks.push(callback),
    gone: () => {
      try {
        call(false);
      } finally {
        process.exit(1);
      }
    },
  };
}

/** Whether the engine saves after this process has ended: then nobody here can tell what it has not saved. */
function savesLast(): boolean {
  return Boolean(process.env.PULUMI_SKIP_CHECKPOINTS);
}

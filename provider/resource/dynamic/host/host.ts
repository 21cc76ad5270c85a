/**
 * What a provider process can learn from and tell the engine beyond the calls of `pulumi.dynamic.ResourceProvider`:
 * which resource an operation is for, its `customTimeouts`, that the user pressed Ctrl-C, that the engine is gone,
 * and lines on the resource's row of the display. The host has all of it and passes none of it on, so it is taken
 * from its internals: each hook by itself may be missing in another version, and then only its own comfort is lost.
 */
import { createRequire } from "node:module";
import { basename, dirname } from "node:path";
import { isOn } from "../../../settings/switch";
import { ExpectedError } from "../../failure";
import { watchCancel } from "./cancel";
import { type Engine, engineAt } from "./engine";
import { keepRequests, type OperationRequest, requestOf } from "./requests";

export interface Host {
  /** Aborted when the user cancels the run. */
  readonly signal: AbortSignal;
  /** What the engine said of the operation for which the host handed over these values. */
  requestOf(received: object): OperationRequest;
  /** `live` lines are shown while the resource is worked on, and are gone afterwards. */
  log(urn: string | undefined, kind: "live" | "warning", message: string): void | Promise<void>;
  /** Calls back when the engine, done with everything, ends this process. */
  onEnd(callback: () => void): void;
}

/** Set to keep off the host's internals. */
const SWITCH = "TUTUM_NO_HOST_HOOKS";

/** The host of this process; without one, or with `TUTUM_NO_HOST_HOOKS=1`, warnings go to stderr and that is all. */
export function processHost(): Host {
  const [, script = "", address] = process.argv;
  const folder = basename(script) === "index.js" ? dirname(script) : script;
  if (basename(folder) !== "dynamic-provider") return bare(NEVER, () => undefined);
  try {
    if (isOn(SWITCH, process.env[SWITCH])) return bare(NEVER, () => undefined);
  } catch (error) {
    return misspelt((error as Error).message);
  }
  const load = createRequire(`${folder}/index.js`);
  const cancelled = new AbortController();
  attempt(() => keepRequests(load));
  attempt(() => watchCancel(load, cancelled));
  const engine = attempt(() => (address ? engineAt(load, address) : undefined));
  // Nobody would hear of what is done from then on, and the next run finds what was begun.
  engine?.onGone(() => process.exit(1));
  return engine ? connected(engine, cancelled.signal, onInterrupt) : bare(cancelled.signal, onInterrupt);
}

/**
 * The engine sends SIGINT when it has saved the last of its state; one that is killed sends none, and a Ctrl-C at the
 * terminal reaches the engine alone: the provider has a process group of its own.
 */
function onInterrupt(callback: () => void): void {
  process.once("SIGINT", () => {
    callback();
    process.exit(130);
  });
}

const NEVER = new AbortController().signal;

function bare(signal: AbortSignal, onEnd: Host["onEnd"]): Host {
  return {
    signal,
    requestOf,
    onEnd,
    log: (_urn, kind, message) => {
      if (kind === "warning") process.stderr.write(`warning: ${message}\n`);
    },
  };
}

/** Told by the first operation: a package that failed to load would be taken for one that is not installed. */
function misspelt(message: string): Host {
  const requestOf = () => {
    throw new ExpectedError(message);
  };
  return { ...bare(NEVER, () => undefined), requestOf };
}

function connected(engine: Engine, signal: AbortSignal, onEnd: Host["onEnd"]): Host {
  return { signal, requestOf, onEnd, log: (urn, kind, message) => engine.log(urn, kind, message) };
}

function attempt<T>(hook: () => T): T | undefined {
  try {
    return hook();
  } catch {
    return undefined;
  }
}

/**
 * What a provider process can learn from and tell the engine beyond the calls of `pulumi.dynamic.ResourceProvider`:
 * which resource an operation is for, its `customTimeouts`, that the user pressed Ctrl-C, that the engine is gone,
 * and lines on the resource's row of the display. The host has all of it and passes none of it on, so it is taken
 * from its internals: each hook by itself may be missing in another version, and then only its own comfort is lost.
 */
import { createRequire } from "node:module";
import { basename, dirname } from "node:path";
import { isOn } from "../../../settings/switch";
import { ExpectedError } from "../../lifecycle/failure";
import type { OnEnd } from "../../lifecycle/lifecycle";
import { watchCancel } from "./cancel";
import { ending } from "./end";
import { engineAt } from "./engine";
import { printOnce } from "./print-once";
import { keepRequests, type OperationRequest, requestOf } from "./requests";

export interface Host {
  /** Aborted when the user cancels the run. */
  readonly signal: AbortSignal;
  /** What the engine said of the operation for which the host handed over these values. */
  requestOf(received: object): OperationRequest;
  /** `live` lines are shown while the resource is worked on, and are gone afterwards. */
  log(urn: string | undefined, kind: "live" | "warning", message: string): void | Promise<void>;
  /** Calls back when the engine, done with everything, ends this process, or when it is gone. */
  onEnd: OnEnd;
  /** Warnings about the whole stack that the user has been given. */
  readonly announced: Set<string>;
}

/** Set to keep off the host's internals; the second is what it was called at first. */
const SWITCHES = ["PULUMI_TUTUM_NO_HOST_HOOKS", "TUTUM_NO_HOST_HOOKS"];

/**
 * Where a process has its host: on the global object, under a symbol that every copy of this package finds. The text of
 * each kind of resource loads a module of its own, and from two `node_modules` even two copies of this one; but the
 * classes that are hooked, the engine and the signals are there once in the process. The number is that of `Host`'s
 * form: copies that differ in it have a host each, and their hooks do not meet.
 */
const HOST: unique symbol = Symbol.for("pulumi-tutum/host/1");

/**
 * The host of this process, one for all kinds of resources. Without one, or with `PULUMI_TUTUM_NO_HOST_HOOKS=1`, warnings
 * go to stderr and that is all.
 */
export function processHost(): Host {
  const shared = globalThis as typeof globalThis & { [HOST]?: Host };
  shared[HOST] ??= hostOf(process.argv);
  return shared[HOST];
}

function hostOf([, script = "", address]: readonly string[]): Host {
  const folder = basename(script) === "index.js" ? dirname(script) : script;
  if (basename(folder) !== "dynamic-provider") return bare(NEVER, () => undefined);
  try {
    if (SWITCHES.some(name => isOn(name, process.env[name]))) return bare(NEVER, () => undefined);
  } catch (error) {
    return misspelt((error as Error).message);
  }
  const load = createRequire(`${folder}/index.js`);
  const cancelled = new AbortController();
  attempt(() => keepRequests(load));
  attempt(() => watchCancel(load, cancelled));
  printOnce(console);
  const engine = attempt(() => (address ? engineAt(load, address) : undefined));
  const { onEnd, gone } = ending(cancelled.signal);
  engine?.onGone(gone);
  const host = bare(cancelled.signal, onEnd);
  return engine ? { ...host, log: (urn, kind, message) => engine.log(urn, kind, message) } : host;
}

const NEVER = new AbortController().signal;

function bare(signal: AbortSignal, onEnd: Host["onEnd"]): Host {
  return {
    signal,
    requestOf,
    onEnd,
    announced: new Set(),
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

function attempt<T>(hook: () => T): T | undefined {
  try {
    return hook();
  } catch {
    return undefined;
  }
}

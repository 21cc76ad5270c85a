/**
 * Why an engine did not do what it was asked for, in its own words, and what that means for the container it is about:
 * without `status` it did not respond at all.
 */
export class EngineError extends Error {
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }

  get isSilence(): boolean {
    return this.status === undefined;
  }
}

/**
 * - `silence`: no response; it stays to be done until there is one.
 * - `trouble`: what runs containers is itself in trouble, whatever the container: tried again for minutes.
 * - `failure`: the engine failed, and no one knows at what: tried again a few times.
 * - `leftover`: something of a start that was cut short is in the way (409: a conflict): removed, and created again.
 * - `no network`: the network it is to be started in was removed: made again.
 * - `verdict`: it is about this container, and will be the same next time.
 */
export type Meaning = "silence" | "trouble" | "failure" | "leftover" | "no network" | "verdict";

/** The first that fits. */
const WORDS: readonly (readonly [RegExp, Meaning])[] = [
  [/port is already allocated|address already in use/, "verdict"],
  [/network \S+ not found/, "no network"],
  [/\btask \S+ already exists|container with id exists|\bid already in use\b/, "leftover"],
  [/: already exists: unknown|AlreadyExists/i, "leftover"],
  [
    /containerd\.sock|\bttrpc: closed|\bshim\b.*\b(closed|exited|disconnected)|failed to start shim/,
    "trouble",
  ],
  [/: unavailable\b|code = Unavailable|transport is closing|connection error: desc =/, "trouble"],
  [/client connection is closing|the connection is closing|error reading from server: EOF/, "trouble"],
  [
    /context canceled|context deadline exceeded|shutting down|cannot connect to the docker daemon/i,
    "trouble",
  ],
];

export function meaningOf({ message, status }: EngineError): Meaning {
  if (status === undefined) return "silence";
  const known = WORDS.find(([words]) => words.test(message))?.[1];
  // Only of the runtime's own failures: a user's text may be in the words of a refusal.
  if (status >= 500) return known ?? "failure";
  if (status === 409) return "leftover";
  return known === "no network" || known === "leftover" ? known : "verdict";
}

/** The outer ports that an engine could not have because something else has them; undefined when that is not why. */
export function portsInUse({ message }: Error): number[] | undefined {
  if (!/port is already allocated|address already in use/.test(message)) return undefined;
  const ports = [...message.matchAll(/:(\d{4,5})(?=[\s:]|$)/g)].map(match => Number(match[1]));
  return [...new Set(ports)];
}

/** Of a response "404 Not Found": undefined instead of an error. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  return orElse(call, 404);
}

/** Undefined when the engine responds that it is so already (304) or that there is nothing to do it to (404). */
export async function unlessDone(call: Promise<unknown>): Promise<void> {
  await orElse(call, 304, 404);
}

async function orElse<T>(call: Promise<T>, ...statuses: number[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof EngineError && error.status !== undefined && statuses.includes(error.status)) {
      return undefined;
    }
    throw error;
  }
}

/** What an engine answered instead of doing it, in its own words; without `status` it did not answer at all. */
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

/** The outer ports that an engine could not have because something else has them; undefined when that is not why. */
export function portsInUse({ message }: Error): number[] | undefined {
  if (!/port is already allocated|address already in use/.test(message)) return undefined;
  const ports = [...message.matchAll(/:(\d{4,5})(?=[\s:]|$)/g)].map(match => Number(match[1]));
  return [...new Set(ports)];
}

/** The network that a container is to be started in was removed. */
export function isWithoutNetwork({ message }: Error): boolean {
  return /network \S+ not found/.test(message);
}

/** Of an answer "404 Not Found": undefined instead of an error. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  return orElse(call, 404);
}

/** Undefined when the engine answers that it is so already (304) or that there is nothing to do it to (404). */
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

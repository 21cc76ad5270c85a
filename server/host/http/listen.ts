/** Opens a port; says in plain words why it cannot. */
import { UserError } from "../errors";
import type { Logger } from "../ports/logger";

export interface Listening {
  /** Listens on that port, 0 being any; resolves with the port. */
  bind(port: number): Promise<number>;
  host: string;
  /** Asked for; absent or 0: the one kept from before, else any free one. */
  port: number | undefined;
  kept: number | undefined;
  logger: Logger;
}

/** Resolves with the port. */
export async function listen({ bind, host, port, kept, logger }: Listening): Promise<number> {
  const before = port ? undefined : kept;
  try {
    return await bind(before ?? port ?? 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" && before !== undefined) {
      const now = await bind(0);
      logger.warn({ kept, now }, `port ${kept} is in use by another program: from now on it is ${now}`);
      return now;
    }
    if (code === "EADDRINUSE") throw new UserError(`port ${port} is in use by another program`);
    if (code === "EACCES") throw new UserError(`not allowed to listen on port ${port}`);
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
      throw new UserError(`${host} is not an address of this machine`);
    }
    throw error;
  }
}

/** A server that listens everywhere is reached on the loopback from here. */
export function urlOf(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

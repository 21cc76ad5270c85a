/** The proxy of a server: where it listens, and that it follows what the server knows of applications. */
import { listen, urlOf } from "../../../host/http/listen";
import type { Logger } from "../../../host/ports/logger";
import type { Engine } from "../operations/engine";
import { followRoutes } from "./follow-routes";
import { Supervisor } from "./supervisor";

export interface ProxyOptions {
  /** Address to listen on. What answers there needs no key: whoever reaches it, reaches the applications. Default: `127.0.0.1`. */
  host?: string;
  /** Default: any free port; with `dataDir` the one used before, if it is still free. */
  port?: number;
  /** Milliseconds it goes on when the server is gone without having ended it; needs a `dataDir`. Default: 60,000. */
  staysMs?: number;
}

export interface RunningProxy {
  url: string;
  port: number;
  close(): Promise<void>;
}

export interface ProxySurroundings {
  engine: Engine;
  dataDir: string | undefined;
  /** The port it had before. */
  kept: number | undefined;
  trusted: readonly string[];
  logger: Logger;
}

const STAYS_MS = 60_000;

export async function startProxy(
  { host = "127.0.0.1", port, staysMs = STAYS_MS }: ProxyOptions,
  { engine, dataDir, kept, trusted, logger }: ProxySurroundings,
): Promise<RunningProxy> {
  const supervisor = new Supervisor({
    ...{ dataDir, trusted, logger },
    staysMs: dataDir === undefined ? 0 : staysMs,
  });
  await supervisor.start();
  const routes = followRoutes(engine, supervisor);
  const close = async () => {
    routes.stop();
    await supervisor.close();
  };
  try {
    await supervisor.tell(routes.all);
    const bind = (wanted: number) => supervisor.listen(host, wanted);
    const bound = await listen({ bind, host, port, kept, logger });
    return { url: urlOf(host, bound), port: bound, close };
  } catch (error) {
    await close();
    throw error;
  }
}

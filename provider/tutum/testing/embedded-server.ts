import { randomBytes } from "node:crypto";
import { loadServer } from "../../testing/server-package";
import { TutumClient } from "../client";

/** A Tutum API of its own for a test, with simulated containers and nothing on disk. */
export interface EmbeddedServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** A client of it. */
  readonly client: TutumClient;
  /** The environment in which the Pulumi CLI, or anything else that speaks the API, finds it. */
  readonly env: Readonly<Record<"TUTUM_BASE_URL" | "TUTUM_USER" | "TUTUM_APIKEY" | "TUTUM_AUTH", string>>;
  close(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** Milliseconds that a container takes to start, stop and terminate. Default: 10 each. */
  times?: { start?: number; stop?: number; terminate?: number };
}

/**
 * Starts a server on a free port of this machine.
 * @throws when the package `tutum-server`, an optional peer, is not installed, or not in the same minor version.
 */
export async function startEmbeddedServer({
  times = {},
}: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const { startServer } = await loadServer();
  const [user, apikey] = ["tester", randomBytes(16).toString("hex")];
  const fast = { start: 10, stop: 10, scale: 10, terminate: 10, exit: 10 };
  const { url, close } = await startServer({ user, apikey, times: { ...fast, ...times } });
  return {
    url,
    client: new TutumClient({ endpoint: url, user, apikey, env: {} }),
    env: {
      TUTUM_BASE_URL: `${url}/api/v1/`,
      TUTUM_USER: user,
      TUTUM_APIKEY: apikey,
      TUTUM_AUTH: `ApiKey ${user}:${apikey}`,
    },
    close,
  };
}

import { randomBytes } from "node:crypto";
import { TutumClient } from "../tutum/client";
import { VERSION } from "../version";

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

interface ServerPackage {
  startServer(options: object): Promise<{ url: string; close(): Promise<void> }>;
}

async function loadServer(): Promise<ServerPackage> {
  try {
    const { version } = require("tutum-server/package.json") as { version: string };
    if (minorOf(version) !== minorOf(VERSION)) throw new Error(notTogether(version));
    return require("tutum-server") as ServerPackage;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new Error("startEmbeddedServer needs the package tutum-server: install it as a devDependency.");
  }
}

/** Checked here and not by npm, which would look on its registry for the version that is missing. */
function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function notTogether(version: string): string {
  const wanted = `${minorOf(VERSION)}.x`;
  return `pulumi-tutum ${VERSION} needs tutum-server ${wanted}, and ${version} is installed: install ${wanted} as a devDependency.`;
}

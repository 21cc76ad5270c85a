/** `tutum-server start`: a server in the foreground, until it is told to end. */
import { resolve } from "node:path";
import { ApiError } from "../host/errors";
import { readSettings } from "../host/storage/settings";
import { type RunningServer, startServer } from "../start-server";
import { clientEnvironment } from "./client-environment";
import { catchCrashes } from "./crash-net";
import { createLogger } from "./log";
import { reportNewPort } from "./new-port";
import { readSeedFile, seedRefused } from "./seed-file";
import { type CommonOptions, checkCommonOptions, proxyOf, timesOf } from "./server-options";

export interface StartOptions extends CommonOptions {
  data: string;
  memory?: boolean;
  port?: number;
  host: string;
  user?: string;
  apikey?: string;
  password?: string;
  control?: boolean;
  /** Set by `exec`: says nothing. */
  quiet?: boolean;
  /** Set by `exec`: ends with the last lease. */
  untilUnused?: boolean;
}

/** What a server exits with whose folder another one has taken over. */
export const LOST_EXIT_CODE = 76;

export async function runStart(options: StartOptions): Promise<number> {
  checkCommonOptions(options);
  const dataDir = options.memory ? undefined : resolve(options.data);
  const net = catchCrashes(dataDir);
  net.hide([options.apikey, options.password].flatMap(secret => secret ?? []));
  const portBefore = dataDir && options.port === undefined ? readSettings(dataDir)?.port : undefined;
  let end: () => void = () => {};
  let exitCode = 0;
  const ended = new Promise<void>(resolve => {
    end = resolve;
  });
  const server = await startServer({
    host: options.host,
    port: options.port,
    user: options.user,
    apikey: options.apikey,
    password: options.password,
    dataDir,
    backend: options.backend,
    nodes: options.node,
    sizes: options.size,
    readiness: { settle: options.settleTime, ready: options.readyTimeout },
    pullIdle: options.pullTimeout,
    apiUrl: options.apiUrl,
    times: timesOf(options),
    control: options.control,
    virtualClock: options.virtualClock,
    with: options.with,
    proxy: proxyOf(options),
    trustProxy: options.trustProxy,
    allowHosts: options.allowHost,
    logger: createLogger({ level: options.logLevel, dataDir, quiet: options.quiet }),
    onUnused: options.untilUnused ? () => end() : undefined,
    onStop: () => end(),
    onLost() {
      console.error(`tutum-server: another server has taken over ${dataDir}: this one ends`);
      exitCode = LOST_EXIT_CODE;
      end();
    },
  });
  // Before it says that it is there: whoever reads that may end it at once.
  process.once("SIGINT", end).once("SIGTERM", end).once("SIGHUP", end);
  const others = Object.values(server.guests).flatMap(({ environment }) => Object.entries(environment));
  const secrets = others.filter(([name]) => /SECRET|CONSUMER_KEY|TOKEN/.test(name)).map(([, value]) => value);
  net.hide([server.apikey, ...(server.control ? [server.control.token] : []), ...secrets]);
  if (options.seed !== undefined) await seedFrom(options.seed, server);
  if (!options.quiet) {
    reportNewPort(portBefore, server.url);
    console.log(introduction(server, dataDir));
  }
  await ended;
  await server.close();
  return exitCode;
}

function introduction(server: RunningServer, dataDir: string | undefined): string {
  // A key that was kept out of the command line is kept out of what is printed, too: it may be somebody's log.
  const known = process.env.TUTUM_SERVER_APIKEY === server.apikey;
  const exports = Object.entries(clientEnvironment(server)).map(([name, value]) =>
    known && value.endsWith(server.apikey)
      ? `  export ${name}=${quoted(value.slice(0, -server.apikey.length))}"$TUTUM_SERVER_APIKEY"`
      : `  export ${name}=${quoted(value)}`,
  );
  return [
    `The Tutum API answers at ${server.url}/api/v1/`,
    dataDir ? `Its data and log are in ${dataDir}` : "It keeps nothing when it ends",
    "",
    "To use it, in another terminal:",
    ...exports,
    ...Object.values(server.guests).flatMap(({ environment }) =>
      Object.entries(environment).map(([name, value]) => `  export ${name}=${quoted(value)}`),
    ),
    `  curl -H "Authorization: $TUTUM_AUTH" \${TUTUM_BASE_URL}application/`,
    `Or look at ${server.url}/docs/ in a browser.`,
    ...Object.entries(server.guests).map(
      ([name, { url }]) => `The API ${name} answers at ${url}, see ${url}/docs/.`,
    ),
    ...(server.proxy ? [`Applications answer at ${server.proxy.url}/ by the name in web_public_dns.`] : []),
    ...controlLines(server),
    "",
    "Ctrl-C ends it.",
  ].join("\n");
}

function controlLines({ control }: RunningServer): string[] {
  if (!control) return [];
  return ["", "To control it:", `  curl -H "Authorization: Bearer ${control.token}" ${control.url}state`];
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w:/.-]*$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

async function seedFrom(file: string, server: RunningServer): Promise<void> {
  try {
    await server.seed(readSeedFile(file));
  } catch (error) {
    await server.close();
    throw error instanceof ApiError ? seedRefused(file, error.body) : error;
  }
}

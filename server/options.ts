/** What a server is started with, and what of it is refused before anything is touched. */
import type { BackendKind } from "./apis/tutum/backend/choose";
import type { Times } from "./apis/tutum/backend/simulated-container";
import type { Limits } from "./apis/tutum/model/settings";
import type { ProxyOptions } from "./apis/tutum/proxy/start-proxy";
import { UserError } from "./host/errors";
import type { ConnectionLimits } from "./host/http/connections";
import { bareAddress } from "./host/http/host-names";
import { isLoopback, isPublic, type Reach } from "./host/http/reach";
import type { Clock } from "./host/ports/clock";
import type { Logger } from "./host/ports/logger";
import type { Random } from "./host/ports/random";
import { refuseStandIns } from "./host/stand-ins";

/** APIs that stand in for a vendor's, in development and tests. */
export const STAND_INS = ["ovh"] as const;
export type StandIn = (typeof STAND_INS)[number];

export interface ServerOptions {
  /** Address to listen on. Anything but the loopback needs an explicit `apikey`. Default: `127.0.0.1`. */
  host?: string;
  /** Names it is reached under besides, as by a proxy in front of it. */
  allowHosts?: string[];
  /** Default: any free port; with `dataDir` the one used before, if it is still free. */
  port?: number;
  /** Default: `admin`; with `dataDir` the one used before. */
  user?: string;
  /** Default: random; with `dataDir` the one used before. */
  apikey?: string;
  /** What `GET /api/v1/auth/` wants to see before it tells the API key. Default: the API key. */
  password?: string;
  /** Folder to keep everything in. Absent: nothing outlives the server. */
  dataDir?: string;
  /** What runs the containers: `memory` simulates them, the others need a `dataDir`. Default: `memory`. */
  backend?: BackendKind;
  /** Docker engines, as in `n1=ssh://me@10.0.0.1,address=10.0.0.1`. Default: the one that the `docker` command uses. */
  nodes?: string[];
  /** Limits of real containers by their size, as in `M=512m,0.5`. Default: none. */
  sizes?: string[];
  /** How long a real container must stand, and its ports may take to answer, until it counts as running. */
  readiness?: { settle?: number; ready?: number };
  /** Milliseconds without progress after which the fetch of an image is given up. Default: five minutes. */
  pullIdle?: number;
  /** Where containers with a role reach this server. Default: found out when the engine is on this machine. */
  apiUrl?: string;
  /** How long the simulated containers' transitions take, in milliseconds. */
  times?: Partial<Times>;
  limits?: Partial<Limits>;
  /** Ending of the DNS names of applications and containers. Default: `tutum.io`; of real ones `tutum.internal`. */
  dnsDomain?: string;
  clock?: Clock;
  /** A clock that stands still until the control API moves it. A `clock` given comes first. */
  virtualClock?: boolean;
  /** Other APIs beside Tutum's, each on a port of its own. Only with simulated containers, for this machine alone. */
  with?: readonly StandIn[];
  /** The whole control API, under `/_tutum/`: faults, recorded requests, clock, seeds, metrics. Default: off. */
  control?: boolean;
  /** A reverse proxy for `web_public_dns`. Default: on for real containers only. */
  proxy?: ProxyOptions;
  /** Addresses and networks of the proxies in front whose `X-Forwarded-*` is believed. Default: none. */
  trustProxy?: string[];
  /** What connections may take; for tests. */
  connections?: Partial<ConnectionLimits>;
  random?: Random;
  logger?: Logger;
  /** Called once when the last lease (a running `tutum-server exec`) has ended. */
  onUnused?: () => void;
  /** Called when `tutum-server stop` asks for the end. Default: the server closes. */
  onStop?: () => void;
  /** Called once when another server has taken over the data folder: nothing more is stored. Default: it closes. */
  onLost?: () => void;
}

/** Characters of an API key or a password that others can try. */
const MIN_KEY = 16;

/** The address to listen on, as sockets take it. */
export function hostOf({ host = "127.0.0.1" }: ServerOptions): string {
  return bareAddress(host);
}

export function checkOptions(options: ServerOptions): void {
  const host = hostOf(options);
  if ((options.backend ?? "memory") !== "memory" && options.dataDir === undefined) {
    throw new UserError(
      "real containers need a data folder: without its records nobody could find them again",
    );
  }
  if (!isLoopback(host) && options.apikey === undefined) {
    throw new UserError(`listening on ${host}, where others can reach it, needs an API key of your choice`);
  }
  // Before an engine is looked for.
  refuseStandIns(
    [...(options.with ?? []).map(standIn), { name: "tutum", real: realOf(options) }],
    reachOf(options),
  );
  if (options.apikey === "" || options.user === "") throw new UserError("user and API key must not be empty");
  // Who has the password is told the key.
  if (options.password === "")
    throw new UserError("the password must not be empty: without one it is the API key");
  if (isPublic(reachOf(options)) && options.password !== undefined && options.password.length < MIN_KEY) {
    throw new UserError(
      `the password is too short where others can try, as it is answered with the API key: at least ${MIN_KEY} characters`,
    );
  }
}

export function checkKey(options: ServerOptions, apikey: string): void {
  if (!isPublic(reachOf(options)) || apikey.length >= MIN_KEY) return;
  throw new UserError(
    `the API key is too short where others can try: at least ${MIN_KEY} characters, as \`openssl rand -hex 20\` makes them`,
  );
}

function standIn(name: StandIn) {
  return { name, standIn: true };
}

function realOf({ backend = "memory" }: ServerOptions): string | undefined {
  return backend === "memory" ? undefined : `real containers (--backend ${backend})`;
}

function reachOf(options: ServerOptions): Reach {
  const { allowHosts: names = [], trustProxy = [] } = options;
  return { host: hostOf(options), names, trustProxy };
}

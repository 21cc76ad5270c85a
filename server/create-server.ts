/** A server without its sockets: APIs, each with a listener of its own, and what they share. */
import type { Api } from "./host/api";
import { type Address, addressRoutes } from "./host/control/address-routes";
import { clockRoutes } from "./host/control/clock-routes";
import { guardControl } from "./host/control/control";
import { faultRoutes } from "./host/control/fault-routes";
import { Faults } from "./host/control/faults";
import { leaseRoutes } from "./host/control/lease-routes";
import { Leases } from "./host/control/leases";
import { createMetrics } from "./host/control/metrics";
import { requestRoutes } from "./host/control/request-routes";
import { serverRoutes } from "./host/control/server-routes";
import { type App, type AppOptions, createApp } from "./host/http/app";
import type { ConnectionLimits } from "./host/http/connections";
import type { Reach } from "./host/http/reach";
import { RequestRecorder } from "./host/http/recorded-requests";
import type { Clock } from "./host/ports/clock";
import type { Logger } from "./host/ports/logger";
import { refuseStandIns } from "./host/stand-ins";

export interface ServerParts<First extends Api> {
  api: First;
  /** Other APIs; the control API is on the first one's listener. */
  guests?: readonly Api[];
  /** Where it will listen. Default: `127.0.0.1`. */
  host?: string;
  /** Other names it is reached under. */
  names?: readonly string[];
  trustProxy?: readonly string[];
  connections?: Partial<ConnectionLimits>;
  /** Absent: there is no control API. */
  control?: {
    token: string;
    /** Whoever names another one means the server of another folder. Absent: there is no folder. */
    lock?: string;
    /** False: only what the commands need (state, leases, reset, stop). */
    complete: boolean;
    /** Ends the server. */
    stop: () => void;
  };
  /** Called once when the last lease has ended. */
  onUnused?: () => void;
  clock: Clock;
  logger: Logger;
}

export interface Server<First extends Api> {
  readonly api: First;
  readonly app: App;
  readonly guests: readonly { api: Api; app: App }[];
  readonly recorder: RequestRecorder;
  readonly faults: Faults;
  readonly leases: Leases;
  /** Of the guests that listen, by their names. */
  readonly addresses: Map<string, Address>;
  /** Answers what is in flight and takes no more. The storage stays open. */
  close(): Promise<void>;
}

export async function createServer<First extends Api>(parts: ServerParts<First>): Promise<Server<First>> {
  const { api, guests = [], control, clock, logger } = parts;
  const apis = [api, ...guests];
  const reach: Reach = {
    host: parts.host ?? "127.0.0.1",
    names: parts.names ?? [],
    trustProxy: parts.trustProxy ?? [],
  };
  refuseStandIns(apis, reach);
  for (const each of apis) await each.resume();
  const recorder = new RequestRecorder();
  const leases = new Leases(parts.onUnused);
  const faults = new Faults();
  const addresses = new Map<string, Address>();
  const metrics = control?.complete ? createMetrics(apis) : undefined;
  const shared = { recorder, faults, clock, logger };
  const options: AppOptions = {
    ...shared,
    ...reach,
    named: guests.length > 0,
    connections: parts.connections,
  };
  const app = createApp(api, {
    ...options,
    besides(listener, { peers, connections }) {
      metrics?.watch(listener, api);
      if (!control) return;
      const { token, lock, stop, complete } = control;
      guardControl(listener, { token, lock, peers, connections }, routes => {
        leaseRoutes(routes, { leases });
        serverRoutes(routes, { apis, leases, stop, complete, metrics: metrics?.registry });
        addressRoutes(routes, { addresses });
        if (!complete) return;
        clockRoutes(routes, { clock });
        requestRoutes(routes, { recorder });
        faultRoutes(routes, { faults });
        for (const each of apis) each.controlRoutes?.(routes);
      });
    },
  });
  const others = guests.map(guest => ({
    api: guest,
    app: createApp(guest, { ...options, besides: listener => metrics?.watch(listener, guest) }),
  }));
  return {
    ...{ api, app, guests: others, recorder, faults, leases, addresses },
    async close() {
      leases.closeAll();
      await Promise.all([app, ...others.map(({ app: other }) => other)].map(each => each.close()));
    },
  };
}

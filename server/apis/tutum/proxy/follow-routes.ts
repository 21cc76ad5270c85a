/** Keeps a table of routes as the server's model has it: every change is there before it is answered. */
import type { Engine } from "../operations/engine";
import { claimsAt } from "./destinations";
import type { Route } from "./plane/routes";

/** Addresses may change without the model: all routes are looked at again after this. */
const SWEEP_MS = 5_000;

export interface RouteSink {
  /** Resolves when they count, or when nobody can say. */
  change(routes: readonly Route[]): Promise<void>;
}

export interface FollowedRoutes {
  /** All there is now, for a sink that has nothing yet or something old. */
  all(): Route[];
  stop(): void;
}

export function followRoutes(engine: Engine, sink: RouteSink): FollowedRoutes {
  const changed = new Set<string>();
  /** What the sink knows of each host, as text. */
  const told = new Map<string, string>();
  let last: Promise<void> = Promise.resolve();

  const routeOf = (host: string): Route => [
    host,
    claimsAt(engine.world, container => engine.backend.address(container), host),
  ];
  const publish = (): Promise<void> => {
    const routes = [...changed].map(routeOf).filter(([host, claims]) => {
      const text = JSON.stringify(claims);
      if ((told.get(host) ?? "[]") === text) return false;
      if (claims.length > 0) told.set(host, text);
      else told.delete(host);
      return true;
    });
    changed.clear();
    if (routes.length > 0) last = sink.change(routes);
    return last;
  };
  const sweep = () => {
    for (const host of [...engine.world.webNames(), ...told.keys()]) changed.add(host);
    return publish();
  };
  engine.world.onWebName(host => void changed.add(host));
  engine.onChange(publish);
  const timer = setInterval(() => void sweep(), SWEEP_MS);
  timer.unref();
  return {
    all: () => {
      const routes = engine.world.webNames().map(routeOf);
      changed.clear();
      told.clear();
      for (const [host, claims] of routes) if (claims.length > 0) told.set(host, JSON.stringify(claims));
      return routes;
    },
    stop: () => {
      clearInterval(timer);
      engine.onChange(undefined);
    },
  };
}

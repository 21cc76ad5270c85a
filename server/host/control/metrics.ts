/** Counts and durations for Prometheus, in a registry of the server's own. */
import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Api } from "../api";

export interface Metrics {
  registry: Registry;
  /** Counts the requests of this listener too. */
  watch(app: FastifyInstance, api: Pick<Api, "name">): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15];

/** With several APIs the label `api` says which one a series is about. With one the labels are as they always were. */
export function createMetrics(apis: readonly Pick<Api, "name" | "storage" | "addMetrics">[]): Metrics {
  const names = apis.length > 1 ? ["api"] : [];
  const labelOf = ({ name }: Pick<Api, "name">) => (apis.length > 1 ? { api: name } : {});
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: "tutum_requests_total",
    help: "Requests by route and status",
    labelNames: [...names, "method", "route", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "tutum_request_duration_seconds",
    help: "Time from a request's headers to the end of its response",
    labelNames: [...names, "method", "route"],
    buckets: SECONDS,
    registers,
  });
  const watch = (app: FastifyInstance, api: Pick<Api, "name">) => {
    app.addHook("onResponse", async (request, reply) => {
      // Unknown paths are one route: anybody can think of new ones.
      const labels = { ...labelOf(api), method: request.method, route: request.routeOptions.url ?? "none" };
      requests.inc({ ...labels, status: reply.statusCode });
      durations.observe(labels, reply.elapsedTime / 1_000);
    });
  };
  for (const api of apis) api.addMetrics?.(registry);

  new Gauge({
    name: "tutum_journal_bytes",
    help: "Size of the present journal file; 0 without a data folder",
    labelNames: names,
    registers,
    collect() {
      for (const api of apis) this.set(labelOf(api), api.storage.status().journalBytes);
    },
  });
  new Counter({
    name: "tutum_journal_syncs_total",
    help: "Times the journal was synced to disk since the start",
    labelNames: names,
    registers,
    collect() {
      this.reset();
      for (const api of apis) this.inc(labelOf(api), api.storage.status().syncs);
    },
  });
  new Gauge({
    name: "tutum_storage_writable",
    help: "1 when the last write to the data folder succeeded, 0 while changes cannot be stored",
    labelNames: names,
    registers,
    async collect() {
      await Promise.all(apis.map(({ storage }) => storage.probe()));
      for (const api of apis) this.set(labelOf(api), api.storage.status().problem === undefined ? 1 : 0);
    },
  });
  new Counter({
    name: "tutum_storage_failures_total",
    help: "Writes to the data folder that failed since the start",
    labelNames: names,
    registers,
    collect() {
      this.reset();
      for (const api of apis) this.inc(labelOf(api), api.storage.status().failures);
    },
  });
  return { registry, watch };
}

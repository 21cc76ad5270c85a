/** Containers that exist in memory only: every transition takes its configured time and then is reported. */
import type { Clock } from "../../../host/ports/clock";
import type { Backend, BackendEvent, BackendNode, ContainerSpec, ContainerStatus } from "../model/backend";
import { EXITS_IMAGE, imageDefaults, START_FAILS_IMAGE } from "./catalogue";

/** Milliseconds each transition takes. */
export interface Times {
  start: number;
  stop: number;
  /** Start of a container that scaling adds. */
  scale: number;
  terminate: number;
  /** Life of the process of `tutum/exits:<code>`. */
  exit: number;
}

export const DEFAULT_TIMES: Times = { start: 1_500, stop: 800, scale: 1_500, terminate: 800, exit: 1_000 };

interface Simulated {
  spec: ContainerSpec;
  status: ContainerStatus;
  log: string[];
  cancel: () => void;
}

const NODES: readonly BackendNode[] = [
  "alpha",
  "beta",
  "gamma",
  "delta",
  "epsilon",
  "zeta",
  "eta",
  "theta",
].map(name => ({ name: `${name}-dev`, up: true, answers: true, takenPorts: new Set() }));
const LOG_LINES = 200;

export function createMemoryBackend(clock: Clock, times: Times): Backend {
  const containers = new Map<string, Simulated>();
  let report: (event: BackendEvent) => void = () => {};

  function add(spec: ContainerSpec, status: ContainerStatus): Simulated {
    const container: Simulated = { spec, status, log: [], cancel: () => {} };
    containers.set(spec.id, container);
    return container;
  }

  function get(id: string): Simulated {
    const container = containers.get(id);
    if (!container) throw new Error(`no such container: ${id}`);
    return container;
  }

  /** Only the last order counts: what was under way is dropped. */
  function after(container: Simulated, ms: number, then: () => void): void {
    container.cancel();
    container.cancel = clock.setTimeout(then, ms);
  }

  function log(container: Simulated, text: string): void {
    const time = new Date(clock.now()).toISOString().replace("T", " ").replace(".", ",").slice(0, 23);
    container.log.push(`${time} ${text}`);
    if (container.log.length > LOG_LINES) container.log.shift();
  }

  function starting(container: Simulated, ms: number): void {
    container.status = "starting";
    after(container, ms, () => {
      if (container.spec.image.name === START_FAILS_IMAGE) {
        const reason = `could not start ${imageText(container)}: no such file or directory`;
        log(container, `CRIT ${reason}`);
        container.status = "exited";
        report({ type: "start-failed", id: container.spec.id, reason });
      } else {
        log(
          container,
          `INFO ${container.spec.name} started: ${imageText(container)} ${commandOf(container)}`.trim(),
        );
        running(container);
        report({ type: "running", id: container.spec.id });
      }
    });
  }

  function running(container: Simulated): void {
    container.status = "running";
    const { image } = container.spec;
    if (image.name !== EXITS_IMAGE) return;
    const code = /^\d{1,3}$/.test(image.tag) ? Number(image.tag) & 255 : 0;
    after(container, times.exit, () => exited(container, code));
  }

  function exited(container: Simulated, code: number): void {
    log(container, `${code === 0 ? "INFO" : "CRIT"} process exited with code ${code}`);
    container.status = "exited";
    report({ type: "exited", id: container.spec.id, code });
  }

  function stopping(container: Simulated): void {
    container.status = "stopping";
    log(container, "WARN received SIGTERM indicating exit request");
    after(container, times.stop, () => exited(container, 0));
  }

  function removing(container: Simulated): void {
    container.status = "removing";
    after(container, times.terminate, () => {
      containers.delete(container.spec.id);
      report({ type: "removed", id: container.spec.id });
    });
  }

  return {
    simulated: true,
    placement: "fill",
    launching: "in-turn",
    image: async ({ name }) => imageDefaults(name),
    async launch(spec, reason) {
      starting(add(spec, "starting"), reason === "scale" ? times.scale : times.start);
    },
    async start({ id }) {
      starting(get(id), times.start);
    },
    async stop(id) {
      stopping(get(id));
    },
    async remove(id) {
      const container = containers.get(id);
      if (container) removing(container);
      else clock.setTimeout(() => report({ type: "removed", id }), 0);
    },
    async exit(id, code) {
      const container = get(id);
      container.cancel();
      exited(container, code);
    },
    async logs(id) {
      return containers.get(id)?.log.join("\n") ?? "";
    },
    events(listener) {
      report = listener;
    },
    nodes: () => NODES,
    address: () => undefined,
    hostAddress: () => undefined,
    health: async () => ({ ok: true, message: `${containers.size} simulated containers` }),
    async adopt(known) {
      for (const { spec, status } of known) {
        const container = add(spec, status);
        if (status === "starting") starting(container, times.start);
        else if (status === "running") running(container);
        else if (status === "stopping") stopping(container);
        else if (status === "removing") removing(container);
      }
    },
    async clear() {
      for (const container of containers.values()) container.cancel();
      containers.clear();
    },
    async close() {
      report = () => {};
      for (const container of containers.values()) container.cancel();
    },
  };
}

function imageText({ spec }: Simulated): string {
  return `${spec.image.name}:${spec.image.tag}`;
}

function commandOf({ spec }: Simulated): string {
  return spec.command || imageDefaults(spec.image.name).run_command;
}

/**
 * One container: does what it was last ordered to, and reports what is true. One step at a time, always from what the
 * engine says now: an event or a lost connection is only a reason to look again. Orders wait while the node is down.
 */
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type { BackendEvent, ContainerSpec, ContainerStatus, ImageDefaults } from "../../model/backend";
import { exitMessage } from "../containers/exit-message";
import { type ImageConfig, imageDefaults } from "../containers/image-defaults";
import type { Address } from "../containers/port-probe";
import {
  becomeReady,
  nothingAnswers,
  type ReadinessTimes,
  tcpPorts,
  waitingFor,
} from "../containers/readiness";
import { imageText } from "../containers/registry";
import { createOptions, type Surroundings } from "./create-options";
import type { ContainerState, InspectedContainer } from "./engine";
import { EngineError, meaningOf, portsInUse } from "./engine-error";
import type { Images } from "./images";
import type { DockerNode } from "./node";
import { Patience } from "./patience";

/** From the first signal to its containers until a daemon runs again. */
const ENDING_MS = 60_000;
const RETRY_MS = 1_000;
const SECOND_LOOK_MS = 500;

type Kind = "launch" | "start" | "stop" | "remove";

/** Two orders of one kind are two orders. */
interface Order {
  kind: Kind;
}

/** What was last reported, or taken over from before as reported. */
interface Reported {
  status: "nothing" | "running" | "exited";
  /** When it ended, as the engine writes it; undefined: taken over, whenever it was. */
  finishedAt?: string;
}

export interface Helpers {
  node: DockerNode;
  images: Images;
  logger: Logger;
  clock: Clock;
  readiness: ReadinessTimes;
  around: Surroundings;
  report(event: BackendEvent): void;
  keepLogs(text: string): void;
  /** It is removed: forget it. */
  gone(): void;
  /** What carries this container's label in the engine, but is not known here. */
  leftover(): Promise<string | undefined>;
}

export class ManagedContainer {
  private order: Order | undefined;
  private reported: Reported = { status: "nothing" };
  /** The engine's id; undefined: there is nothing yet, or any more. */
  private engineId: string | undefined;
  /** Somebody else sent it a signal since it started. */
  private signalled = false;
  private failure: string | undefined;
  private working: Promise<void> | undefined;
  private again = false;
  /** Ends what waits for an order that is out of date. */
  private change = new AbortController();
  /** Wakes what waits for something to happen to it. */
  private stir: () => void = () => {};
  /** With an engine that is in trouble. */
  private readonly patience: Patience;
  /** Addresses its ports are bound to, as the engine says; undefined: not known yet. */
  boundTo: readonly string[] | undefined;

  constructor(
    public spec: ContainerSpec,
    readonly helpers: Helpers,
  ) {
    this.patience = new Patience(helpers.clock, () => this.wake());
  }

  get node(): DockerNode {
    return this.helpers.node;
  }

  /** Resolves at once: what becomes of it is reported. */
  do(kind: Kind): void {
    this.order = { kind };
    this.patience.renew();
    this.outdate();
    this.wake();
  }

  /** As the model knows it from before; the engine may tell another story. */
  takeOver(status: ContainerStatus): void {
    if (status === "running" || status === "stopping") this.reported = { status: "running" };
    else if (status === "exited") this.reported = { status: "exited" };
    if (status === "starting") this.do("launch");
    else if (status === "stopping") this.do("stop");
    else if (status === "removing") this.do("remove");
    else this.wake();
  }

  /** Something happened to it that nobody here ordered, as far as the event tells. */
  noticed(action: string): void {
    if (action === "kill" && !this.order && this.reported.status === "running") this.signalled = true;
    this.stir();
    if (action === "start" && this.working) return;
    if (action !== "kill") this.wake();
  }

  /** What carries its label on its node, before anything is done there. */
  identify(engineId: string, boundTo: readonly string[]): void {
    this.engineId ??= engineId;
    if (boundTo.length > 0) this.boundTo ??= boundTo;
    this.patience.renew();
  }

  /** What the engine's list says: only when it differs from what is known, it is worth a look. */
  listed(state: string | undefined): void {
    const same = this.reported.status === "running" ? state === "running" : state !== "running";
    if (this.order !== undefined || !same || this.signalled) this.wake();
  }

  /** Looks at the engine, and does what is still to be done. */
  wake(): void {
    if (this.patience.isResting) return;
    if (this.working) this.again = true;
    else this.working = this.work().finally(() => (this.working = undefined));
  }

  /** Drops its order; resolves when nothing is under way any more. */
  async abandon(): Promise<void> {
    this.order = undefined;
    this.patience.renew();
    this.outdate();
    await this.working;
  }

  private outdate(): void {
    this.change.abort();
    this.change = new AbortController();
    this.stir();
  }

  async logs(): Promise<string> {
    const waiting = this.helpers.images.progress(this.spec.image);
    if (this.engineId === undefined) return [...waiting, ...(this.failure ? [this.failure] : [])].join("\n");
    const text = await this.helpers.node.engine.logs(this.engineId);
    return this.failure ? `${text}${this.failure}\n` : text;
  }

  private async work(): Promise<void> {
    do {
      this.again = false;
      if (!this.node.up) return;
      const { order } = this;
      try {
        if (order === undefined) await this.observe();
        else {
          await this.carryOut(order);
          if (this.order === order) this.order = undefined;
          else this.again = true;
        }
        this.patience.renew();
      } catch (error) {
        // Whatever it was: it was about what nobody wants any more.
        if (this.order !== order) this.again = true;
        else if (this.isPassing(error)) return;
        else {
          this.order = undefined;
          this.refused(order?.kind, error as EngineError);
        }
      }
    } while (this.again);
  }

  /** It says nothing of this container: it stays to be done. */
  private isPassing(error: unknown): boolean {
    const { logger } = this.helpers;
    const meaning = error instanceof EngineError ? meaningOf(error) : "silence";
    const told = { container: this.spec.name, error: String(error) };
    if (meaning === "silence") {
      // The node says when it is back.
      logger.warn(told, "an engine did not answer");
      this.node.suspect();
      return true;
    }
    if (!this.patience.lasts(meaning)) return false;
    logger.warn(told, "an engine is in trouble");
    return true;
  }

  private refused(kind: Kind | undefined, { message }: EngineError): void {
    this.helpers.logger.warn(
      { container: this.spec.name, order: kind, reason: message },
      "an engine refused",
    );
    if (kind === "launch" || kind === "start") this.failedToStart(message);
    else if (kind !== undefined && this.order === undefined) {
      // It can't be given up: somebody waits for the end of it.
      this.helpers.clock.setTimeout(() => {
        if (this.order === undefined) this.do(kind);
      }, RETRY_MS);
    }
  }

  private async carryOut(order: Order): Promise<void> {
    const { kind } = order;
    if (kind === "launch") await this.launch(order);
    else if (kind === "start") await this.start(order);
    else if (kind === "stop") await this.stop();
    else await this.remove();
  }

  private async launch(order: Order): Promise<void> {
    const { helpers, spec } = this;
    this.failure = undefined;
    const config = await this.fetch();
    if (config === undefined) return;
    if (spec.ports === undefined) {
      helpers.report({ type: "image", id: spec.id, defaults: this.defaults(config) });
      return;
    }
    await this.run(order, async () => {
      this.engineId ??= await this.create();
      return this.beginOrRepair(this.engineId, true);
    });
  }

  /** Undefined when another order came meanwhile. */
  private async fetch(): Promise<ImageConfig | undefined> {
    const { signal } = this.change;
    try {
      return await this.helpers.images.ensure(this.node, this.spec, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  private defaults(config: ImageConfig): ImageDefaults {
    return imageDefaults(config, ports =>
      this.helpers.logger.warn(
        { image: imageText(this.spec.image), ports },
        "ports that an image declares are ignored: nobody can use them",
      ),
    );
  }

  private async start(order: Order): Promise<void> {
    this.failure = undefined;
    if (this.engineId === undefined || !(await this.node.engine.inspect(this.engineId))) {
      this.engineId = undefined;
      await this.launch(order);
    } else await this.run(order, () => this.beginOrRepair(this.engineId as string, false));
  }

  /** Many may be before it: by its turn, nobody may want it any more. Others needn't wait until it counts as running. */
  private async run(order: Order, begin: () => Promise<boolean>): Promise<void> {
    const { signal } = this.change;
    const begun = await this.node.launches.run(async () => this.order === order && (await begin()), signal);
    if (begun) await this.hold(order);
  }

  private async beginOrRepair(engineId: string, isNew: boolean): Promise<boolean> {
    try {
      return await this.begin(engineId, isNew);
    } catch (error) {
      const meaning = error instanceof EngineError ? meaningOf(error) : "silence";
      const isRepaired = meaning === "no network" || meaning === "leftover";
      // Of one that never ran nothing is lost: the next try is with another, whatever the failure left of this one.
      if (!isRepaired && !(meaning === "failure" && isNew)) throw error;
      await this.node.engine.remove(engineId);
      this.engineId = undefined;
      if (!isRepaired) throw error;
      await this.node.ensureNetwork();
      this.engineId = await this.create();
      return this.begin(this.engineId, isNew);
    }
  }

  private async create(): Promise<string> {
    let options: ReturnType<typeof createOptions>;
    try {
      options = createOptions(this.spec, this.helpers.around);
    } catch (error) {
      throw new EngineError((error as Error).message, 400);
    }
    try {
      return await this.node.engine.create(options);
    } catch (error) {
      if (!(error instanceof EngineError) || error.status !== 409) throw error;
      // What a server that was killed at the wrong moment left.
      const leftover = await this.helpers.leftover();
      if (leftover === undefined) throw error;
      await this.node.engine.remove(leftover);
      return this.node.engine.create(options);
    }
  }

  /** False: it can't have its ports. */
  private async begin(engineId: string, isNew: boolean): Promise<boolean> {
    this.signalled = false;
    try {
      await this.node.engine.start(engineId);
    } catch (error) {
      const taken = isNew && error instanceof EngineError ? portsInUse(error) : undefined;
      if (!taken) throw error;
      await this.node.engine.remove(engineId);
      this.engineId = undefined;
      const ports = taken.length > 0 ? taken : (this.spec.ports ?? []).map(port => port.outer_port);
      this.node.conflict(ports);
      this.helpers.report({ type: "ports-taken", id: this.spec.id, ports });
      return false;
    }
    this.reported = { status: "nothing" };
    return true;
  }

  /** Reports that it runs when it is ready; when it ends before that, its end. */
  private async hold(order: Order): Promise<void> {
    const { readiness, clock, report } = this.helpers;
    const { id, ports = [] } = this.spec;
    let happened = new Promise<void>(() => {});
    const listen = () => {
      happened = new Promise(resolve => {
        this.stir = resolve;
      });
    };
    listen();
    let seen: InspectedContainer | undefined;
    const started = {
      stands: async () => {
        listen();
        if (!this.node.up) throw new EngineError("its node is away");
        seen = await this.inspect();
        return this.order === order && seen?.State.Running === true;
      },
      addresses: () => this.askedAt(seen),
      waiting: () => report({ type: "waiting", id, message: waitingFor(ports) }),
      happened: () => happened,
    };
    const found = await becomeReady(started, readiness, clock);
    if (this.order !== order) return;
    if (found !== "silent") return this.observe(true);
    await this.node.engine.stop(this.engineId as string);
    if (this.order === order) this.failedToStart(nothingAnswers(ports, readiness));
  }

  /** Where its ports are asked whether they answer: in its own network, else where others reach it. */
  private askedAt(seen: InspectedContainer | undefined): Address[] {
    const ports = tcpPorts(this.spec.ports);
    const { node } = this;
    if (!node.isHere) {
      const host = node.isReachable ? node.reachedAt(this.boundTo) : undefined;
      return host === undefined ? [] : ports.map(({ outer_port: port }) => ({ host, port }));
    }
    const [network] = Object.values(seen?.NetworkSettings.Networks ?? {});
    const host = network?.IPAddress;
    return host ? ports.map(({ inner_port: port }) => ({ host, port })) : [];
  }

  private async inspect(): Promise<InspectedContainer | undefined> {
    const seen = this.engineId === undefined ? undefined : await this.node.engine.inspect(this.engineId);
    const bindings = Object.values(seen?.HostConfig.PortBindings ?? {});
    if (seen) this.boundTo = bindings.flat().flatMap(binding => binding?.HostIp || "0.0.0.0");
    return seen;
  }

  private async stop(): Promise<void> {
    if (this.engineId !== undefined) await this.node.engine.stop(this.engineId);
    this.reported = { status: "running" };
    await this.observe();
  }

  private async remove(): Promise<void> {
    const { engine } = this.node;
    const engineId = this.engineId ?? (await this.helpers.leftover());
    if (engineId !== undefined) {
      await engine.stop(engineId);
      this.helpers.keepLogs(await engine.logs(engineId));
      await engine.remove(engineId);
    } else this.helpers.keepLogs(await this.logs());
    this.engineId = undefined;
    this.helpers.report({ type: "removed", id: this.spec.id });
    this.helpers.gone();
  }

  /** Reports what is different from what was reported. `begun`: it was started, and nothing was reported of that. */
  private async observe(begun = false): Promise<void> {
    const { report } = this.helpers;
    let seen = await this.inspect();
    const { id } = this.spec;
    if (
      this.signalled &&
      this.reported.status === "running" &&
      this.engineId &&
      seen &&
      !seen.State.Running
    ) {
      // Somebody ended it: only to remove it, or because the daemon ends, shows a moment later.
      await new Promise<void>(resolve => this.helpers.clock.setTimeout(resolve, SECOND_LOOK_MS));
      seen = await this.inspect();
    }
    if (!seen) {
      this.engineId = undefined;
      if (begun || this.reported.status === "running")
        report({ type: "lost", id, reason: "the engine no longer has it" });
      this.reported = { status: "nothing" };
    } else if (seen.State.Running) {
      if (this.reported.status !== "running") report({ type: "running", id });
      this.reported = { status: "running" };
    } else if (seen.State.Status !== "created") this.ended(seen.State);
  }

  private ended(state: ContainerState): void {
    const { report } = this.helpers;
    const { id } = this.spec;
    const { status, finishedAt } = this.reported;
    this.reported = { status: "exited", finishedAt: state.FinishedAt };
    if (this.order?.kind !== "stop" && this.endedWithDaemon(status, state.FinishedAt)) {
      report({ type: "interrupted", id });
    } else if (status !== "exited" || (finishedAt !== undefined && finishedAt !== state.FinishedAt)) {
      report({ type: "exited", id, code: state.ExitCode, message: exitMessage(state) });
    }
  }

  /** A daemon that ends takes its containers along: they had no reason of their own. */
  private endedWithDaemon(before: Reported["status"], finishedAt: string): boolean {
    const { daemonStart } = this.node;
    if (daemonStart === undefined || Date.parse(finishedAt) >= daemonStart) return false;
    if (before !== "exited") return true;
    // Its end was reported while the daemon was ending.
    const justBefore = Date.parse(finishedAt) > daemonStart - ENDING_MS;
    const interrupted = before === "exited" && this.signalled && justBefore;
    this.signalled = false;
    return interrupted;
  }

  private failedToStart(reason: string): void {
    this.failure = reason;
    this.reported = { status: "exited" };
    this.helpers.report({ type: "start-failed", id: this.spec.id, reason });
  }
}

/**
 * One container: does what it was last ordered to, and reports what is true. One step at a time, always from what the
 * engine says now: an event or a lost connection is only a reason to look again. Orders wait while the node is down.
 */
import type { Clock } from "../../ports/clock";
import type { Logger } from "../../ports/logger";
import type { BackendEvent, ContainerSpec, ContainerStatus } from "../backend";
import { exitMessage } from "../containers/exit-message";
import { imageDefaults } from "../containers/image-defaults";
import { createOptions, type Surroundings } from "./create-options";
import type { ContainerState } from "./engine";
import { EngineError, isWithoutNetwork, portsInUse } from "./engine-error";
import type { Images } from "./images";
import type { DockerNode } from "./node";

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
  private changed: () => void = () => {};

  constructor(
    public spec: ContainerSpec,
    readonly helpers: Helpers,
  ) {}

  get node(): DockerNode {
    return this.helpers.node;
  }

  /** Resolves at once: what becomes of it is reported. */
  do(kind: Kind): void {
    this.order = { kind };
    this.changed();
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
    if (action === "start" && this.working) return;
    if (action !== "kill") this.wake();
  }

  /** What carries its label on its node, before anything is done there. */
  identify(engineId: string | undefined): void {
    this.engineId ??= engineId;
  }

  /** What the engine's list says: only when it differs from what is known, it is worth a look. */
  listed(state: string | undefined): void {
    const same = this.reported.status === "running" ? state === "running" : state !== "running";
    if (this.order !== undefined || !same || this.signalled) this.wake();
  }

  /** Looks at the engine, and does what is still to be done. */
  wake(): void {
    if (this.working) this.again = true;
    else this.working = this.work().finally(() => (this.working = undefined));
  }

  /** Drops its order; resolves when nothing is under way any more. */
  async abandon(): Promise<void> {
    this.order = undefined;
    this.changed();
    await this.working;
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
      } catch (error) {
        if (!(error instanceof EngineError) || error.isSilence) {
          // It stays to be done: the node says when it is back.
          this.helpers.logger.warn(
            { container: this.spec.name, error: String(error) },
            "an engine did not answer",
          );
          this.node.suspect();
          return;
        }
        if (this.order === order) this.order = undefined;
        this.refused(order?.kind, error);
      }
    } while (this.again);
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
    const config = await this.unlessChanged(helpers.images.ensure(this.node, spec));
    if (config === undefined) return;
    if (spec.ports === undefined) {
      helpers.report({ type: "image", id: spec.id, defaults: imageDefaults(config) });
      return;
    }
    await this.inTurn(order, async () => {
      this.engineId ??= await this.create();
      try {
        await this.begin(this.engineId, true);
      } catch (error) {
        if (!(error instanceof EngineError) || !isWithoutNetwork(error)) throw error;
        await this.node.engine.remove(this.engineId);
        await this.node.ensureNetwork();
        this.engineId = await this.create();
        await this.begin(this.engineId, true);
      }
    });
  }

  private async start(order: Order): Promise<void> {
    this.failure = undefined;
    if (this.engineId === undefined || !(await this.node.engine.inspect(this.engineId))) {
      this.engineId = undefined;
      await this.launch(order);
    } else await this.inTurn(order, () => this.begin(this.engineId as string, false));
  }

  /** Many may be before it: by its turn, nobody may want it any more. */
  private inTurn(order: Order, task: () => Promise<void>): Promise<void> {
    return this.node.launches.run(async () => {
      if (this.order === order) await task();
    });
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

  private async begin(engineId: string, isNew: boolean): Promise<void> {
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
      return;
    }
    this.reported = { status: "nothing" };
    await this.observe();
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

  /** Reports what is different from what was reported. */
  private async observe(): Promise<void> {
    const { node, report } = this.helpers;
    let seen = this.engineId === undefined ? undefined : await node.engine.inspect(this.engineId);
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
      seen = await node.engine.inspect(this.engineId);
    }
    if (!seen) {
      this.engineId = undefined;
      if (this.reported.status === "running")
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
    // It was over before anyone looked, but it did run.
    if (status === "nothing" && Date.parse(state.StartedAt) > 0) report({ type: "running", id });
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
    if (before === "running") return true;
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

  /** Undefined when another order came meanwhile. */
  private unlessChanged<T>(task: Promise<T>): Promise<T | undefined> {
    task.catch(() => {});
    return Promise.race([task, new Promise<undefined>(resolve => (this.changed = () => resolve(undefined)))]);
  }
}

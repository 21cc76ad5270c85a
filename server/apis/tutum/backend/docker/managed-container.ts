/**
 * One container: does what it was last ordered to, and reports what is true. One step at a time, always from what the
 * engine says now: an event or a lost connection is only a reason to look again. Orders wait while the node is down.
 */
import type { BackendEvent, ContainerSpec, ContainerStatus } from "../../model/backend";
import { exitMessage } from "../containers/exit-message";
import { loggedDefaults } from "../containers/image-defaults";
import {
  mustEnd,
  type OrderKind,
  type ReportedStatus,
  reportedStatus,
  unfinishedOrder,
} from "../containers/order-kind";
import { type AfterFailure, type Order, OrderedActor } from "../containers/ordered-actor";
import { becomeReady, nothingAnswers, waitingFor } from "../containers/readiness";
import { Backoff, type BackoffTimes } from "./backoff";
import type { ContainerState, InspectedContainer } from "./engine";
import { type DockerContext, EngineContainer } from "./engine-container";
import { EngineError, meaningOf } from "./engine-error";
import type { DockerNode } from "./node";

/** From the first signal to its containers until a daemon runs again. */
const ENDING_MS = 60_000;
const RETRY_MS = 1_000;
const SECOND_LOOK_MS = 500;
/** In all some two minutes, and three seconds. */
const BACKOFF: BackoffTimes = {
  tries: { trouble: 12, failure: 3 },
  pause: { first: 400, last: 15_000 },
};

/** What was last reported, or taken over from before as reported. */
interface Reported {
  status: ReportedStatus;
  /** When it ended, as the engine writes it; undefined: taken over, whenever it was. */
  finishedAt?: string;
}

export class ManagedContainer {
  private reported: Reported = { status: "nothing" };
  /** Someone else sent it a signal since it started. */
  private signalled = false;
  private failure: string | undefined;
  private readonly actor: OrderedActor<OrderKind>;
  private readonly backoff = new Backoff(BACKOFF);
  private readonly container: EngineContainer;

  constructor(
    public spec: ContainerSpec,
    readonly node: DockerNode,
    private readonly context: DockerContext,
  ) {
    this.container = new EngineContainer(spec.id, node, context);
    this.actor = new OrderedActor<OrderKind>(
      {
        canAct: () => node.up,
        carryOut: order => this.carryOut(order),
        observe: () => this.look(),
        failed: (error, order) => this.failed(error, order),
      },
      context.clock,
    );
  }

  /** Addresses its ports are bound to, as the engine says; undefined: not known yet. */
  get boundTo(): readonly string[] | undefined {
    return this.container.boundTo;
  }

  /** Returns at once: what becomes of it is reported. */
  do(kind: OrderKind): void {
    this.backoff.reset();
    this.actor.do(kind);
  }

  /** As the model knows it from before; the engine may tell another story. */
  takeOver(status: ContainerStatus): void {
    this.reported = { status: reportedStatus(status) };
    const order = unfinishedOrder(status);
    if (order) this.do(order);
    else this.actor.wake();
  }

  /** Something happened to it that was not ordered here, as far as the event tells. */
  noticed(action: string): void {
    if (action === "kill" && !this.actor.order && this.reported.status === "running") this.signalled = true;
    this.actor.stir();
    if (action === "start" && this.actor.isWorking) return;
    if (action !== "kill") this.actor.wake();
  }

  /** What carries its label on its node, before anything is done there. */
  identify(engineId: string, boundTo: readonly string[]): void {
    this.container.identify(engineId, boundTo);
    this.backoff.reset();
    this.actor.endPause();
  }

  /** What the engine's list says: only when it differs from what is known, it is worth a look. */
  listed(state: string | undefined): void {
    const same = this.reported.status === "running" ? state === "running" : state !== "running";
    if (this.actor.order || !same || this.signalled) this.actor.wake();
  }

  /** Drops its order; resolves when nothing is under way any more. */
  abandon(): Promise<void> {
    return this.actor.abandon();
  }

  async logs(): Promise<string> {
    const waiting = this.context.images.progress(this.spec.image);
    if (!this.container.isKnown) return [...waiting, ...(this.failure ? [this.failure] : [])].join("\n");
    const text = await this.container.logs();
    return this.failure ? `${text}${this.failure}\n` : text;
  }

  private report(event: BackendEvent): void {
    this.context.roster.reportOf(this, event);
  }

  private isCurrent(order: Order<OrderKind>): boolean {
    return this.actor.order === order;
  }

  private async carryOut(order: Order<OrderKind>): Promise<void> {
    const { kind } = order;
    if (kind === "launch") await this.launch(order);
    else if (kind === "start") await this.start(order);
    else if (kind === "stop") await this.stop();
    else await this.remove();
    this.backoff.reset();
  }

  private async look(): Promise<void> {
    await this.observe();
    this.backoff.reset();
  }

  private failed(error: unknown, order: Order<OrderKind> | undefined): AfterFailure {
    const { logger } = this.context;
    const meaning = error instanceof EngineError ? meaningOf(error) : "silence";
    const about = { container: this.spec.name, error: String(error) };
    if (meaning === "silence") {
      // The node says when it is back.
      logger.warn(about, "an engine did not answer");
      this.node.suspect();
      return "wait";
    }
    const retryMs = this.backoff.next(meaning);
    if (retryMs !== undefined) {
      logger.warn(about, "an engine is in trouble");
      return { retryMs };
    }
    const reason = (error as EngineError).message;
    logger.warn({ container: this.spec.name, order: order?.kind, reason }, "an engine refused");
    if (!order) return "give up";
    if (mustEnd(order.kind)) {
      this.backoff.reset();
      return { retryMs: RETRY_MS };
    }
    this.failedToStart(reason);
    return "give up";
  }

  private async launch(order: Order<OrderKind>): Promise<void> {
    const { spec, node } = this;
    const { images, logger } = this.context;
    this.failure = undefined;
    const config = await images.ensure(node, spec, order.outdated);
    if (spec.ports) return this.run(order, true);
    this.report({ type: "image", id: spec.id, defaults: loggedDefaults(spec.image, config, logger) });
  }

  private async start(order: Order<OrderKind>): Promise<void> {
    this.failure = undefined;
    const exists = (await this.container.inspect()) !== undefined;
    await (exists ? this.run(order, false) : this.launch(order));
  }

  /** Many may be before it: by its turn, there may be another order. Others needn't wait until it counts as running. */
  private async run(order: Order<OrderKind>, isNew: boolean): Promise<void> {
    const begun = await this.node.launches.run(
      async () => this.isCurrent(order) && (await this.begin(isNew)),
      order.outdated,
    );
    if (begun) await this.hold(order);
  }

  /** False: it can't have its ports. */
  private async begin(isNew: boolean): Promise<boolean> {
    this.signalled = false;
    const ports = await this.container.start(this.spec, isNew);
    if (ports) {
      this.node.conflict(ports);
      this.report({ type: "ports-taken", id: this.spec.id, ports });
    } else this.reported = { status: "nothing" };
    return ports === undefined;
  }

  /** Reports that it runs when it is ready; when it ends before that, its end. */
  private async hold(order: Order<OrderKind>): Promise<void> {
    const { readiness, clock } = this.context;
    const { id, ports = [] } = this.spec;
    let happened = this.actor.happened();
    let seen: InspectedContainer | undefined;
    const started = {
      stands: async () => {
        happened = this.actor.happened();
        if (!this.node.up) throw new EngineError("its node is away");
        seen = await this.container.inspect();
        return this.isCurrent(order) && seen?.State.Running === true;
      },
      addresses: () => this.container.addresses(this.spec.ports, seen),
      waiting: () => this.report({ type: "waiting", id, message: waitingFor(ports) }),
      happened: () => happened,
    };
    const found = await becomeReady(started, readiness, clock);
    if (!this.isCurrent(order)) return;
    if (found !== "silent") return this.observe(true);
    await this.container.stop();
    if (this.isCurrent(order)) this.failedToStart(nothingAnswers(ports, readiness));
  }

  private async stop(): Promise<void> {
    await this.container.stop();
    this.reported = { status: "running" };
    await this.observe();
  }

  private async remove(): Promise<void> {
    const { id } = this.spec;
    const { keptLogs, roster } = this.context;
    if (await this.container.find()) {
      await this.container.stop();
      keptLogs.keep(id, await this.container.logs());
      await this.container.remove();
    } else keptLogs.keep(id, await this.logs());
    this.report({ type: "removed", id });
    roster.forget(this);
  }

  /** Reports what is different from what was reported. `begun`: it was started, and nothing was reported of that. */
  private async observe(begun = false): Promise<void> {
    const { id } = this.spec;
    let seen = await this.container.inspect();
    if (this.signalled && this.reported.status === "running" && seen && !seen.State.Running) {
      // Someone ended it: only to remove it, or because the daemon ends, shows a moment later.
      await new Promise<void>(resolve => this.context.clock.setTimeout(resolve, SECOND_LOOK_MS));
      seen = await this.container.inspect();
    }
    if (!seen) {
      if (begun || this.reported.status === "running")
        this.report({ type: "lost", id, reason: "the engine no longer has it" });
      this.reported = { status: "nothing" };
    } else if (seen.State.Running) {
      if (this.reported.status !== "running") this.report({ type: "running", id });
      this.reported = { status: "running" };
    } else if (seen.State.Status !== "created") this.ended(seen.State);
  }

  private ended(state: ContainerState): void {
    const { id } = this.spec;
    const { status, finishedAt } = this.reported;
    this.reported = { status: "exited", finishedAt: state.FinishedAt };
    if (this.actor.order?.kind !== "stop" && this.endedWithDaemon(status, state.FinishedAt)) {
      this.report({ type: "interrupted", id });
    } else if (status !== "exited" || (finishedAt !== undefined && finishedAt !== state.FinishedAt)) {
      this.report({ type: "exited", id, code: state.ExitCode, message: exitMessage(state) });
    }
  }

  /** A daemon that ends takes its containers along: they had no reason of their own. */
  private endedWithDaemon(before: ReportedStatus, finishedAt: string): boolean {
    const { daemonStart } = this.node;
    if (daemonStart === undefined || Date.parse(finishedAt) >= daemonStart) return false;
    if (before !== "exited") return true;
    // Its end was reported while the daemon was ending.
    const justBefore = Date.parse(finishedAt) > daemonStart - ENDING_MS;
    const interrupted = this.signalled && justBefore;
    this.signalled = false;
    return interrupted;
  }

  private failedToStart(reason: string): void {
    this.failure = reason;
    this.reported = { status: "exited" };
    this.report({ type: "start-failed", id: this.spec.id, reason });
  }
}

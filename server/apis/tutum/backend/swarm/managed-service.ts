/**
 * One container as a service: does what it was last ordered to, and reports what is true. A Swarm carries out orders
 * later, so each step gives one and then waits until it is seen to be done.
 */
import type { BackendEvent, ContainerSpec, ContainerStatus } from "../../model/backend";
import { loggedDefaults } from "../containers/image-defaults";
import {
  mustEnd,
  type OrderKind,
  type ReportedStatus,
  reportedStatus,
  unfinishedOrder,
} from "../containers/order-kind";
import { type AfterFailure, type Order, OrderedActor } from "../containers/ordered-actor";
import { becomeReady, nothingAnswers, tcpPorts, waitingFor } from "../containers/readiness";
import { Backoff, type BackoffTimes } from "../docker/backoff";
import { EngineError, meaningOf } from "../docker/engine-error";
import { ContainerService } from "./container-service";
import type { NamedNode } from "./nodes";
import { Placement } from "./placement";
import { type Seen, Sightings } from "./sightings";
import type { SwarmService, SwarmTask } from "./swarm";
import type { SwarmContext } from "./swarm-context";
import { exitOf, hasEnded, hasExited, isRunning, refusedPorts, startError, wasStopped } from "./task-state";

const RETRY_MS = 1_000;
/** With a node's runtime that is in trouble, and with an unknown failure. */
const BACKOFF: BackoffTimes = {
  tries: { trouble: 60, leftover: 60, failure: 1, "no network": 1 },
  pause: { first: RETRY_MS, last: RETRY_MS },
};
/** It counts among those that are being launched for at most this long. */
const TURN_MS = 5_000;
/** Runs of a container whose logs are shown. */
const LOGGED_TASKS = 3;

export class ManagedService {
  private reported: ReportedStatus = "nothing";
  /** The task whose end was reported. */
  private ended: string | undefined;
  private failure: string | undefined;
  private readonly sightings: Sightings;
  private readonly actor: OrderedActor<OrderKind>;
  private readonly backoff = new Backoff(BACKOFF);
  private readonly service: ContainerService;

  constructor(
    public spec: ContainerSpec,
    private readonly context: SwarmContext,
  ) {
    this.sightings = new Sightings(context.clock);
    this.service = new ContainerService(context);
    this.actor = new OrderedActor<OrderKind>(
      {
        canAct: () => true,
        carryOut: order => this.carryOut(order),
        // The Swarm's watch looks for all.
        observe: async () => {},
        failed: (error, order) => this.failed(error, order),
      },
      context.clock,
    );
  }

  /** It has an order, or something of an older one is under way. */
  get isBusy(): boolean {
    return this.actor.isWorking || this.actor.order !== undefined;
  }

  /** Returns at once: what becomes of it is reported. */
  do(kind: OrderKind): void {
    this.backoff.reset();
    this.actor.do(kind);
  }

  /** As the model knows it from before; the Swarm may tell another story. */
  takeOver(status: ContainerStatus, service: SwarmService | undefined): void {
    this.service.identify(service?.ID);
    this.reported = reportedStatus(status);
    const order = unfinishedOrder(status);
    if (order) this.do(order === "launch" && service ? "start" : order);
  }

  /** What a look that began at `time` has found. */
  look(seen: Seen, time: number): void {
    if (!this.sightings.add(seen, time)) return;
    if (this.isBusy) this.actor.stir();
    else void this.observe(seen);
  }

  /** It is given up here: nothing more is done or reported. */
  abandon(): void {
    void this.actor.abandon();
  }

  /** The Swarm has nothing of it any more that could be gone on with. */
  async lose(reason: string): Promise<void> {
    const { roster } = this.context;
    this.abandon();
    this.reported = "nothing";
    roster.forget(this);
    await this.drop().catch(() => {});
    roster.report({ type: "lost", id: this.spec.id, reason });
  }

  async logs(): Promise<string> {
    const { swarm, images } = this.context;
    const tasks = (this.sightings.last?.tasks ?? []).slice(0, LOGGED_TASKS).reverse();
    const texts = await Promise.all(tasks.map(task => swarm.taskLogs(task.ID)));
    const waiting = tasks.length === 0 ? images.progress(this.spec.image) : [];
    return [...waiting, texts.join(""), ...(this.failure ? [`${this.failure}\n`] : [])].join("");
  }

  private get node(): NamedNode | undefined {
    return this.context.nodes.named(this.spec.node);
  }

  private report(event: BackendEvent): void {
    this.context.roster.reportOf(this, event);
  }

  private isCurrent(order: Order<OrderKind> | undefined): boolean {
    return this.actor.order === order;
  }

  private async carryOut(order: Order<OrderKind>): Promise<void> {
    const { kind } = order;
    try {
      if (kind === "launch" || kind === "start") await this.launch(order);
      else if (kind === "stop") await this.stop(order);
      else await this.remove(order);
    } finally {
      this.sightings.outdate();
    }
  }

  private failed(error: unknown, order: Order<OrderKind> | undefined): AfterFailure {
    const meaning = error instanceof EngineError ? meaningOf(error) : "silence";
    const reason = (error as Error).message;
    const about = { container: this.spec.name, order: order?.kind, reason };
    this.context.logger.warn(about, "a Swarm refused, or was silent");
    if (meaning === "silence" || !order || mustEnd(order.kind)) return { retryMs: RETRY_MS };
    const retryMs = this.backoff.next(meaning);
    if (retryMs !== undefined) return { retryMs };
    this.failedToStart(reason);
    return "give up";
  }

  private async launch(order: Order<OrderKind>): Promise<void> {
    const { spec } = this;
    const { images, manager, launches, logger } = this.context;
    this.failure = undefined;
    const config = await images.ensure(manager, spec, order.outdated);
    if (spec.ports === undefined) {
      this.report({ type: "image", id: spec.id, defaults: loggedDefaults(spec.image, config, logger) });
      return;
    }
    let started: Promise<SwarmTask | undefined> | undefined;
    await launches.run(async () => {
      if (!this.isCurrent(order)) return;
      started = this.started(order, await this.service.run(this.spec));
      await this.unlessLong(started);
    }, order.outdated);
    const task = await started;
    if (task) await this.hold(order, task);
  }

  /** A node that has to fetch an image, or that is paused, must not keep all others waiting. */
  private async unlessLong(work: Promise<unknown>): Promise<void> {
    let cancel = () => {};
    const long = new Promise<void>(resolve => {
      cancel = this.context.clock.setTimeout(resolve, TURN_MS);
    });
    await Promise.race([work, long]).finally(() => cancel());
  }

  /** Waits for what becomes of a new task: resolves with it when it runs, else reports what is the matter. */
  private async started(
    order: Order<OrderKind>,
    before: ReadonlySet<string>,
  ): Promise<SwarmTask | undefined> {
    const placement = new Placement(before, this.context.clock);
    const task = await this.until(order, seen => placement.outcome(seen));
    if (task.Status.State === "running") return task;
    const taken = refusedPorts(task);
    if (taken) await this.portsTaken(taken);
    else if (hasExited(task)) this.reportEnd(task);
    else throw startError(task);
    return undefined;
  }

  /** Reports that it runs when it is ready; when it ends before that, its end. */
  private async hold(order: Order<OrderKind>, { ID }: SwarmTask): Promise<void> {
    const { readiness, clock } = this.context;
    const { id, ports = [] } = this.spec;
    let happened = this.actor.happened();
    const started = {
      stands: async () => {
        happened = this.actor.happened();
        const { last } = this.sightings;
        if (last?.newest?.ID === ID && isRunning(last.newest)) this.sightings.ranAtLast(last.newest);
        else if (last) return false;
        return this.isCurrent(order);
      },
      addresses: () => {
        const host = this.node?.address;
        return host ? tcpPorts(ports).map(({ outer_port: port }) => ({ host, port })) : [];
      },
      waiting: () => this.report({ type: "waiting", id, message: waitingFor(ports) }),
      happened: () => happened,
    };
    const found = await becomeReady(started, readiness, clock);
    if (!this.isCurrent(order)) return;
    if (found === "ready") {
      this.reported = "running";
      this.report({ type: "running", id });
    } else if (found === "over") {
      // Its end is reported like that of any that ran.
      this.reported = "running";
      if (this.sightings.last) await this.observe(this.sightings.last, order);
    } else {
      await this.displace(order);
      await this.service.settle();
      this.failedToStart(nothingAnswers(ports, readiness));
    }
  }

  private async portsTaken(known: number[]): Promise<void> {
    const ports = known.length > 0 ? known : (this.spec.ports ?? []).map(port => port.outer_port);
    await this.drop();
    for (const port of ports) this.node?.takenPorts.add(port);
    this.report({ type: "ports-taken", id: this.spec.id, ports });
  }

  private async stop(order: Order<OrderKind>): Promise<void> {
    const last = await this.displace(order);
    if (last) this.reportEnd(last);
    else this.report({ type: "exited", id: this.spec.id, code: 0 });
    this.reported = "exited";
    await this.service.settle();
  }

  /** Stops what runs; resolves with its last task when it has ended. */
  private async displace(order: Order<OrderKind>): Promise<SwarmTask | undefined> {
    if (!(await this.service.displace())) return undefined;
    const { last } = await this.until(order, ({ tasks }) => tasks.every(hasEnded) && { last: tasks[0] });
    return last;
  }

  private async remove(order: Order<OrderKind>): Promise<void> {
    const { id } = this.spec;
    const { keptLogs, roster } = this.context;
    await this.displace(order);
    keptLogs.keep(id, await this.logs());
    await this.drop();
    await this.until(order, ({ service, tasks }) => !service && tasks.length === 0);
    this.report({ type: "removed", id });
    roster.forget(this);
  }

  private async drop(): Promise<void> {
    await this.service.remove();
    this.reported = "nothing";
  }

  /** Reports what is different from what was reported. With an order: one that ends with this. */
  private async observe(
    { service, tasks, newest, isNodeDown }: Seen,
    order?: Order<OrderKind>,
  ): Promise<void> {
    const [task] = tasks;
    if (isNodeDown) return;
    if (task && task === newest && isRunning(task)) {
      this.sightings.ranAtLast(task);
      if (this.reported !== "running") this.report({ type: "running", id: this.spec.id });
      this.reported = "running";
      return;
    }
    if (this.reported !== "running") return;
    if (!service || !newest) {
      await this.lose(service ? "its task is gone" : "the Swarm no longer has its service");
    } else if (task && task === newest && hasEnded(task)) await this.endedByItself(task, order);
  }

  private async endedByItself(task: SwarmTask, order: Order<OrderKind> | undefined): Promise<void> {
    this.reported = "exited";
    const interrupted = wasStopped(task) || (await this.daemonRestarted(task));
    if (!this.isCurrent(order)) return;
    // The next look asks again.
    if (interrupted === undefined) this.reported = "running";
    else if (interrupted) this.report({ type: "interrupted", id: this.spec.id });
    else this.reportEnd(task);
  }

  /** Undefined: it can't be known now. */
  private daemonRestarted(task: SwarmTask): Promise<boolean | undefined> {
    const { restarts } = this.context;
    return restarts.restartedUnder(this.node?.id ?? "", this.sightings.runOf(task)).catch(() => undefined);
  }

  private reportEnd(task: SwarmTask): void {
    this.reported = "exited";
    if (this.ended === task.ID) return;
    this.ended = task.ID;
    this.report({ type: "exited", id: this.spec.id, ...exitOf(task) });
  }

  private failedToStart(reason: string): void {
    this.failure = reason;
    this.reported = "exited";
    this.report({ type: "start-failed", id: this.spec.id, reason });
  }

  /** The fact, once it is seen in a look that begins now or later. Throws when the order is outdated. */
  private async until<T>(order: Order<OrderKind>, fact: (seen: Seen) => T | undefined | false): Promise<T> {
    this.sightings.forget();
    this.context.hurry();
    for (;;) {
      order.outdated.throwIfAborted();
      const { last } = this.sightings;
      const found = last && fact(last);
      if (found) return found;
      await this.actor.happened();
    }
  }
}

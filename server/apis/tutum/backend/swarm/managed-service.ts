/**
 * One container as a service: does what it was last ordered to, and reports what is true. A Swarm carries out orders
 * later, so each step gives one and then waits until it is seen to be done.
 */
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type { BackendEvent, ContainerSpec, ContainerStatus, ImageDefaults } from "../../model/backend";
import type { ImageConfig } from "../containers/image-defaults";
import type { Limit } from "../containers/limit";
import {
  becomeReady,
  nothingAnswers,
  type ReadinessTimes,
  tcpPorts,
  waitingFor,
} from "../containers/readiness";
import { registryCredentials } from "../containers/registry";
import { EngineError, meaningOf, portsInUse } from "../docker/engine-error";
import type { ImageStore, Images } from "../docker/images";
import type { Run } from "./node-restarts";
import {
  displaced,
  type ServiceSpec,
  type SwarmSurroundings,
  serviceSpec,
  withoutReplicas,
} from "./service-spec";
import type { Swarm, SwarmService, SwarmTask } from "./swarm";

const RETRY_MS = 1_000;
/** Tries with a node's runtime that is in trouble, and with a failure nobody knows. */
const TRIES = { trouble: 60, failure: 1 };
/** A task that has no place for so long gets none. */
const REFUSED_MS = 1_500;
/** For so long it counts among those that are being launched. */
const TURN_MS = 5_000;
/** Runs of a container whose logs are shown. */
const LOGGED_TASKS = 3;

const ENDED = ["complete", "failed", "shutdown", "rejected", "orphaned", "remove"];

type Kind = "launch" | "start" | "stop" | "remove";

interface Order {
  kind: Kind;
  /** How often it failed. */
  failures: number;
}

/** What the Swarm has of a container, at one look. */
export interface Seen {
  service: SwarmService | undefined;
  /** Newest first, without those that never had a node. */
  tasks: readonly SwarmTask[];
  /** The newest, wherever it is to go. */
  newest: SwarmTask | undefined;
  /** Its node does not answer. */
  isNodeDown: boolean;
}

export interface ServiceHelpers {
  swarm: Swarm;
  images: Images;
  /** The manager's engine, which tells what an image says. */
  manager: ImageStore;
  around: SwarmSurroundings;
  launches: Limit;
  readiness: ReadinessTimes;
  defaults(spec: ContainerSpec, config: ImageConfig): ImageDefaults;
  clock: Clock;
  logger: Logger;
  report(event: BackendEvent): void;
  keepLogs(text: string): void;
  /** It is removed: forget it. */
  gone(): void;
  /** Others have these ports on its node. */
  conflict(ports: readonly number[]): void;
  /** Look often: something is about to happen. */
  hurry(): void;
  /** Whether its node's daemon was restarted at the end of this run; resolves when that can be known, if it can. */
  daemonRestarted(run: Run): Promise<boolean>;
}

export class ManagedService {
  private order: Order | undefined;
  private reported: "nothing" | "running" | "exited" = "nothing";
  private serviceId: string | undefined;
  private seen: Seen | undefined;
  /** The task whose end was reported. */
  private ended: string | undefined;
  private failure: string | undefined;
  private working = false;
  /** What was seen before is of no use: it was changed meanwhile. */
  private changedAt = 0;
  /** When the last look began. */
  private seenAt = 0;
  /** The task that was last seen to run, and the first and the last look that found it so. */
  private ran: { task?: string; first: number; last: number } = { first: 0, last: 0 };
  private waiter: (() => void) | undefined;

  constructor(
    public spec: ContainerSpec,
    private readonly helpers: ServiceHelpers,
  ) {}

  get isWorking(): boolean {
    return this.working;
  }

  /** Resolves at once: what becomes of it is reported. */
  do(kind: Kind): void {
    this.order = { kind, failures: 0 };
    this.waiter?.();
    if (!this.working) void this.work();
  }

  /** As the model knows it from before; the Swarm may tell another story. */
  takeOver(status: ContainerStatus, service: SwarmService | undefined): void {
    this.serviceId = service?.ID;
    if (status === "running" || status === "stopping") this.reported = "running";
    else if (status === "exited") this.reported = "exited";
    if (status === "starting") this.do(service ? "start" : "launch");
    else if (status === "stopping") this.do("stop");
    else if (status === "removing") this.do("remove");
  }

  /** What a look that began at `time` has found. */
  look(seen: Seen, time: number): void {
    if (time <= this.changedAt) return;
    this.seen = seen;
    this.seenAt = time;
    if (this.waiter) this.waiter();
    else if (!this.working) void this.observe(seen);
  }

  /** It is given up here: nothing more is done or reported. */
  abandon(): string | undefined {
    this.order = undefined;
    this.waiter?.();
    return this.serviceId;
  }

  async logs(): Promise<string> {
    const { swarm, images } = this.helpers;
    const tasks = (this.seen?.tasks ?? []).slice(0, LOGGED_TASKS).reverse();
    const texts = await Promise.all(tasks.map(task => swarm.taskLogs(task.ID)));
    const waiting = tasks.length === 0 ? images.progress(this.spec.image) : [];
    return [...waiting, texts.join(""), ...(this.failure ? [`${this.failure}\n`] : [])].join("");
  }

  private async work(): Promise<void> {
    this.working = true;
    try {
      while (this.order) {
        const order = this.order;
        try {
          await this.carryOut(order);
          if (this.order === order) this.order = undefined;
        } catch (error) {
          await this.failed(order, error);
        }
      }
    } finally {
      this.working = false;
      this.changedAt = this.helpers.clock.steady();
    }
  }

  private async failed(order: Order, error: unknown): Promise<void> {
    const meaning = error instanceof EngineError ? meaningOf(error) : "silence";
    const reason = (error as Error).message;
    const { logger } = this.helpers;
    logger.warn({ container: this.spec.name, order: order.kind, reason }, "a Swarm refused, or was silent");
    const canFail = order.kind === "launch" || order.kind === "start";
    const tries = meaning === "trouble" || meaning === "leftover" ? TRIES.trouble : TRIES.failure;
    const isPassing = meaning === "silence" || (meaning !== "verdict" && ++order.failures <= tries);
    if (canFail && !isPassing && this.order === order) {
      this.order = undefined;
      this.failedToStart(reason);
    } else await new Promise<void>(resolve => this.helpers.clock.setTimeout(resolve, RETRY_MS));
  }

  private async carryOut(order: Order): Promise<void> {
    if (order.kind === "launch") await this.launch(order);
    else if (order.kind === "start") await this.start(order);
    else if (order.kind === "stop") await this.stop(order);
    else await this.remove(order);
  }

  private async launch(order: Order): Promise<void> {
    const { helpers, spec } = this;
    this.failure = undefined;
    const config = await this.fetch(order);
    if (config === undefined) return;
    if (spec.ports === undefined) {
      helpers.report({ type: "image", id: spec.id, defaults: helpers.defaults(spec, config) });
      return;
    }
    let started: Promise<SwarmTask | undefined> | undefined;
    await helpers.launches.run(async () => {
      if (this.order !== order) return;
      started = this.started(order, await this.run());
      await this.unlessLong(started);
    });
    const task = await started;
    if (task) await this.hold(order, task);
  }

  /** Undefined when there is another order by then. */
  private async fetch(order: Order): Promise<ImageConfig | undefined> {
    const { images, manager } = this.helpers;
    const outdated = new AbortController();
    this.waiter = () => {
      if (this.order !== order) outdated.abort();
    };
    try {
      return await images.ensure(manager, this.spec, outdated.signal);
    } catch (error) {
      if (outdated.signal.aborted) return undefined;
      throw error;
    } finally {
      this.waiter = undefined;
    }
  }

  /** A node that has to fetch an image, or that is paused, must not keep all others waiting. */
  private async unlessLong(work: Promise<unknown>): Promise<void> {
    let cancel = () => {};
    const long = new Promise<void>(resolve => {
      cancel = this.helpers.clock.setTimeout(resolve, TURN_MS);
    });
    await Promise.race([work, long]).finally(() => cancel());
  }

  /** A new task, whether or not there was one. Resolves with the tasks that there were. */
  private async run(): Promise<Set<string>> {
    const { swarm, around } = this.helpers;
    const credentials = registryCredentials(this.spec);
    // Also when somebody removed it.
    const network = await swarm.network();
    const fresh = (run: number) => {
      try {
        return serviceSpec(this.spec, { run, network }, around);
      } catch (error) {
        throw new EngineError((error as Error).message, 400);
      }
    };
    const services = this.serviceId ? [] : await swarm.services();
    this.serviceId ??= services.find(({ Spec }) => Spec.Name === fresh(0).Name)?.ID;
    if (this.serviceId) {
      const before = await this.tasksOf(this.serviceId);
      const next = (old: ServiceSpec) => fresh((old.TaskTemplate.ForceUpdate ?? 0) + 1);
      if (await swarm.update(this.serviceId, next, credentials)) return new Set(before.map(task => task.ID));
    }
    this.serviceId = await swarm.create(fresh(0), credentials);
    return new Set();
  }

  private async tasksOf(service: string): Promise<SwarmTask[]> {
    return (await this.helpers.swarm.tasks()).filter(task => task.ServiceID === service);
  }

  /** Waits for what becomes of a new task: resolves with it when it runs, else reports what is the matter. */
  private async started(order: Order, before: Set<string>): Promise<SwarmTask | undefined> {
    let refusedSince = Number.POSITIVE_INFINITY;
    const task = await this.until(order, ({ newest, tasks }) => {
      if (!newest || before.has(newest.ID)) return undefined;
      const { State, Err = "" } = newest.Status;
      if (State === "running" || ENDED.includes(State)) return newest;
      const now = this.helpers.clock.steady();
      const refused = State === "pending" && /host-mode port already in use/.test(Err);
      // One before it, that is still ending, may be what is in its way.
      const isAlone = tasks.every(({ ID, Status }) => ID === newest.ID || ENDED.includes(Status.State));
      refusedSince = refused && isAlone ? Math.min(refusedSince, now) : Number.POSITIVE_INFINITY;
      return now - refusedSince >= REFUSED_MS ? newest : undefined;
    });
    if (!task) return undefined;
    const { State, Err = "" } = task.Status;
    if (State === "running") return task;
    const taken = /host-mode port already in use/.test(Err) ? [] : portsInUse(new Error(Err));
    if (taken) await this.portsTaken(taken);
    else if (State === "complete" || /^task: non-zero exit/.test(Err)) this.reportEnd(task);
    else throw taskError(Err || task.Status.Message || `the task is ${State}`);
    return undefined;
  }

  /** Reports that it runs when it is ready; when it ends before that, its end. */
  private async hold(order: Order, { ID }: SwarmTask): Promise<void> {
    const { readiness, clock, report } = this.helpers;
    const { id, ports = [] } = this.spec;
    const isTask = ({ newest }: Seen) => newest?.ID === ID;
    let happened = new Promise<void>(() => {});
    const started = {
      stands: async () => {
        happened = new Promise(resolve => {
          this.waiter = resolve;
        });
        const { seen } = this;
        if (seen && isTask(seen) && isRunning(seen.newest)) this.runs(ID);
        else if (seen) return false;
        return this.order === order;
      },
      addresses: () => {
        const host = this.helpers.around.addressOf(id);
        return host ? tcpPorts(ports).map(({ outer_port: port }) => ({ host, port })) : [];
      },
      waiting: () => report({ type: "waiting", id, message: waitingFor(ports) }),
      happened: () => happened,
    };
    const found = await becomeReady(started, readiness, clock).finally(() => (this.waiter = undefined));
    if (this.order !== order) return;
    if (found === "ready") {
      this.reported = "running";
      report({ type: "running", id });
    } else if (found === "over") {
      // What became of it is told as of any that ran.
      this.order = undefined;
      this.reported = "running";
      if (this.seen) await this.observe(this.seen);
    } else {
      if ((await this.displace(order)) === "other order") return;
      await this.settle();
      this.failedToStart(nothingAnswers(ports, readiness));
    }
  }

  private async portsTaken(known: number[]): Promise<void> {
    const ports = known.length > 0 ? known : (this.spec.ports ?? []).map(port => port.outer_port);
    await this.drop();
    this.helpers.conflict(ports);
    this.helpers.report({ type: "ports-taken", id: this.spec.id, ports });
  }

  private async start(order: Order): Promise<void> {
    this.failure = undefined;
    await this.launch(order);
  }

  private async stop(order: Order): Promise<void> {
    const last = await this.displace(order);
    if (last === "other order") return;
    if (last) this.reportEnd(last);
    else this.helpers.report({ type: "exited", id: this.spec.id, code: 0 });
    this.reported = "exited";
    await this.settle();
  }

  /** Stops what runs; resolves with its last task when it has ended. */
  private async displace(order: Order): Promise<SwarmTask | undefined | "other order"> {
    if (!this.serviceId || !(await this.helpers.swarm.update(this.serviceId, displaced))) return undefined;
    const ended = await this.until(
      order,
      ({ tasks }) => tasks.every(task => ENDED.includes(task.Status.State)) && { last: tasks[0] },
    );
    return ended ? ended.last : "other order";
  }

  /** Nothing that can't run waits for its turn for ever. */
  private async settle(): Promise<void> {
    if (this.serviceId) await this.helpers.swarm.update(this.serviceId, withoutReplicas);
  }

  private async remove(order: Order): Promise<void> {
    const { helpers, spec } = this;
    if ((await this.displace(order)) === "other order") return;
    helpers.keepLogs(await this.logs());
    await this.drop();
    const isGone = await this.until(order, ({ service, tasks }) => !service && tasks.length === 0);
    if (!isGone) return;
    helpers.report({ type: "removed", id: spec.id });
    helpers.gone();
  }

  private async drop(): Promise<void> {
    if (this.serviceId) await this.helpers.swarm.remove(this.serviceId);
    this.serviceId = undefined;
    this.reported = "nothing";
  }

  /** Without an order: reports what is different from what was reported. */
  private async observe({ service, tasks, newest, isNodeDown }: Seen): Promise<void> {
    const { helpers, spec } = this;
    const [task] = tasks;
    if (isNodeDown) return;
    if (task && task === newest && isRunning(task)) {
      this.runs(task.ID);
      if (this.reported !== "running") helpers.report({ type: "running", id: spec.id });
      this.reported = "running";
      return;
    }
    if (this.reported !== "running") return;
    if (!service || !newest) {
      await this.lose(service ? "its task is gone" : "the Swarm no longer has its service");
    } else if (task && task === newest && ENDED.includes(task.Status.State)) await this.endedByItself(task);
  }

  private runs(task: string): void {
    const { seenAt } = this;
    this.ran = { task, first: this.ran.task === task ? this.ran.first : seenAt, last: seenAt };
  }

  private async endedByItself(task: SwarmTask): Promise<void> {
    // Swarm stops what was on a node that is back, or that somebody drained.
    const stopped = task.Status.State !== "complete" && task.Status.State !== "failed";
    this.reported = "exited";
    const run = { created: Date.parse(task.CreatedAt), first: this.ran.first, last: this.ran.last };
    const interrupted = stopped || (await this.helpers.daemonRestarted(run).catch(() => undefined));
    if (this.order) return;
    // Nobody can tell now: the next look asks again.
    if (interrupted === undefined) this.reported = "running";
    else if (interrupted) this.helpers.report({ type: "interrupted", id: this.spec.id });
    else this.reportEnd(task);
  }

  /** The Swarm has nothing of it any more that could be gone on with. */
  async lose(reason: string): Promise<void> {
    this.abandon();
    this.reported = "nothing";
    this.helpers.gone();
    await this.drop().catch(() => {});
    this.helpers.report({ type: "lost", id: this.spec.id, reason });
  }

  private reportEnd(task: SwarmTask): void {
    this.reported = "exited";
    if (this.ended === task.ID) return;
    this.ended = task.ID;
    const { ContainerStatus, Err = "" } = task.Status;
    const code = Math.max(0, ContainerStatus?.ExitCode ?? 0);
    const message = Err === "" || /^task: non-zero exit/.test(Err) ? undefined : Err;
    this.helpers.report({ type: "exited", id: this.spec.id, code, message });
  }

  private failedToStart(reason: string): void {
    this.failure = reason;
    this.reported = "exited";
    this.helpers.report({ type: "start-failed", id: this.spec.id, reason });
  }

  /** The fact, once it is seen in a look that begins now or later; undefined when there is another order by then. */
  private async until<T>(order: Order, fact: (seen: Seen) => T | undefined | false): Promise<T | undefined> {
    this.changedAt = this.helpers.clock.steady();
    this.seen = undefined;
    this.helpers.hurry();
    try {
      while (this.order === order) {
        const found = this.seen && fact(this.seen);
        if (found) return found;
        await new Promise<void>(resolve => {
          this.waiter = resolve;
        });
      }
      return undefined;
    } finally {
      this.waiter = undefined;
    }
  }
}

/** What a task says has no status: a trouble of the node's engine, or else a verdict. */
function taskError(words: string): EngineError {
  const error = new EngineError(words, 500);
  return meaningOf(error) === "failure" ? new EngineError(words, 400) : error;
}

function isRunning(task: SwarmTask | undefined): boolean {
  return task?.Status.State === "running" && task.DesiredState === "running";
}

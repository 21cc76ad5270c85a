/**
 * Changes the model: each change is made in memory, stored, and only then carried out by the backend and answered.
 * The backend's events come back through the same door.
 */

import type { Clock } from "../../../host/ports/clock";
import type { Logger } from "../../../host/ports/logger";
import type { Random } from "../../../host/ports/random";
import type { Change } from "../../../host/storage/records";
import { type Storage, StorageError } from "../../../host/storage/storage";
import type { Backend, BackendEvent, ContainerStatus } from "../model/backend";
import { containerSpec } from "../model/container-spec";
import { applyEvent } from "../model/events";
import { launchWaiting, settle } from "../model/lifecycle";
import type { ContainerRecord } from "../model/records";
import { clockStep, repairTimes } from "../model/repair-times";
import type { Settings } from "../model/settings";
import { type Order, Transaction } from "../model/transaction";
import type { Kept, World } from "../model/world";
import { outdatedCreates } from "./repeated-create";

/** Terminated applications and containers are shown for this long, then they are unknown. */
const TOMBSTONE_MS = 5 * 60_000;
/** An event that could not be stored is tried again after this. */
const RETRY_MS = 1_000;
/** More steps than one event has consequences. */
const IDLE_ROUNDS = 10;

export interface EngineParts {
  world: World;
  settings: Settings;
  backend: Backend;
  storage: Storage<Kept>;
  clock: Clock;
  random: Random;
  logger: Logger;
}

export class Engine {
  readonly world: World;
  readonly settings: Settings;
  readonly backend: Backend;
  /** The times that windows and lives begin with are those of this run's clock. */
  private isOfThisRun = false;
  /** Made in memory, not yet stored. */
  private readonly pending = new Set<Transaction>();
  /** When the last of them is. */
  private stored: Promise<void> = Promise.resolve();
  /** Changes and orders under way. */
  private readonly active = new Set<Promise<unknown>>();
  private publish: (() => Promise<void>) | undefined;

  constructor(private readonly parts: EngineParts) {
    this.world = parts.world;
    this.settings = parts.settings;
    this.backend = parts.backend;
    this.world.keepTime(parts.clock);
    parts.backend.events(event => void this.track(this.receive(event)));
    parts.storage.onFailure(() => this.rollBack());
  }

  /** Resolves with what `work` returned, once the change is stored. If `work` throws, nothing has changed. */
  change<T>(work: (tx: Transaction) => T): Promise<T> {
    return this.track(this.make(work));
  }

  /** Like `change`; of what was stored before, nothing stays on disk. */
  renew<T>(work: (tx: Transaction) => T): Promise<T> {
    return this.track(this.make(work, () => this.parts.storage.renew()));
  }

  private async make<T>(
    work: (tx: Transaction) => T,
    store = (changes: Change<Kept>) => this.parts.storage.append(changes),
  ): Promise<T> {
    const { world, settings, random, clock } = this.parts;
    this.forgetEnded();
    const tx = new Transaction(world, settings, random, clock.now(), clock.steady());
    let result: T;
    try {
      result = work(tx);
    } catch (error) {
      tx.undo();
      // What it was refused for may not be stored yet, and then it was not true.
      if (this.pending.size > 0) await this.stored;
      throw error;
    }
    const changes = tx.changes();
    if (changes) {
      this.pending.add(tx);
      this.stored = store(changes);
      await this.stored;
      this.pending.delete(tx);
    } else if (this.pending.size > 0) await this.stored;
    // No request is sent to a container that is about to be stopped.
    if (this.publish) await this.publish();
    for (const order of tx.orders) void this.track(this.carryOut(order));
    return result;
  }

  /** Each change waits for this before it is carried out and answered. It never rejects. */
  onChange(publish: (() => Promise<void>) | undefined): void {
    this.publish = publish;
  }

  /** Reads the model as it is now, without what has been terminated for too long. */
  read<T>(look: (world: World) => T): T {
    this.forgetEnded();
    return look(this.world);
  }

  /** Like `read`, for what is answered: resolves when all that was seen is stored. */
  async readStored<T>(look: (world: World) => T): Promise<T> {
    for (;;) {
      const seen = this.read(look);
      if (this.pending.size === 0) return seen;
      try {
        await this.stored;
        return seen;
      } catch {
        // It was undone: what is true now?
      }
    }
  }

  /** Resolves when everything begun so far, and what followed from it at once, is stored and handed over. */
  async idle(): Promise<void> {
    // A change leads to orders, an order to an event, an event to a change. Others may keep the server busy for ever.
    for (let round = 0; round < IDLE_ROUNDS; round++) {
      await Promise.allSettled(this.active);
      await new Promise(resolve => setImmediate(resolve));
      if (this.active.size === 0) return;
    }
  }

  /** After a restart: hands all containers to the backend and goes on with what was under way. */
  async resume(): Promise<void> {
    const launched = [...this.world.containers.values()].filter(
      container => container.phase !== "waiting" && container.state !== "Terminated",
    );
    await this.backend.adopt(
      launched.map(container => ({ spec: this.specOf(container), status: statusOf(container) })),
    );
    await this.change(repairTimes);
    this.isOfThisRun = true;
    await this.change(tx => {
      for (const uuid of this.world.applications.keys()) {
        launchWaiting(tx, uuid);
        settle(tx, uuid);
      }
    });
  }

  private async receive(event: BackendEvent): Promise<void> {
    try {
      await this.change(tx => applyEvent(tx, event));
    } catch (error) {
      this.parts.logger.error({ error: String(error), event }, "an event of the backend could not be stored");
      if (error instanceof StorageError && error.isFinal) return;
      this.parts.clock.setTimeout(() => void this.receive(event), RETRY_MS);
    }
  }

  private async carryOut(order: Order): Promise<void> {
    try {
      if (order.kind === "settle") await this.change(tx => settle(tx, order.application));
      else if (order.kind === "launch") await this.launch(order);
      else if (order.kind === "adopt") await this.adopt(order.container);
      else if (order.kind === "start") await this.start(order.container);
      else await this.backend[order.kind](order.container);
    } catch (error) {
      this.parts.logger.error({ error: String(error), order }, "an order was not carried out");
      if (order.kind === "launch" || order.kind === "start") {
        await this.receive({ type: "start-failed", id: order.container, reason: String(error) });
      }
    }
  }

  private async launch(order: { container: string; reason: "deploy" | "scale" }): Promise<void> {
    const container = this.world.containers.get(order.container);
    if (container) await this.backend.launch(this.specOf(container), order.reason);
  }

  private async start(uuid: string): Promise<void> {
    const container = this.world.containers.get(uuid);
    if (container) await this.backend.start(this.specOf(container));
  }

  private async adopt(uuid: string): Promise<void> {
    const container = this.world.containers.get(uuid);
    if (container) await this.backend.adopt([{ spec: this.specOf(container), status: statusOf(container) }]);
  }

  private specOf(container: ContainerRecord) {
    return containerSpec(this.world, container, this.settings.naming);
  }

  /** Nobody waits for this to be stored: it follows from what is stored already. */
  private forgetEnded(): void {
    if (!this.isOfThisRun) return;
    const { world, settings, random, clock, storage, logger } = this.parts;
    const ended = world.endedBy(clock.steady() - TOMBSTONE_MS);
    const outdated = outdatedCreates(world, clock.steady());
    const step = clockStep(world, clock.now(), clock.steady());
    if (ended.length + outdated.length === 0 && !step) return;
    const tx = new Transaction(world, settings, random, clock.now(), clock.steady());
    for (const uuid of ended) {
      // Also those that ended later by a clock that was set back: without their application they cannot be shown.
      for (const container of world.allContainersOf(uuid)) tx.forget(container.uuid);
      tx.forget(uuid);
    }
    for (const id of outdated) tx.forgetAccount(id);
    if (step) tx.putAccount(step);
    const changes = tx.changes();
    if (changes) storage.append(changes).catch(error => logger.warn({ error: String(error) }, "not stored"));
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.active.add(work);
    const done = () => void this.active.delete(work);
    work.then(done, done);
    return work;
  }

  private rollBack(): void {
    for (const tx of [...this.pending].reverse()) tx.undo();
    this.pending.clear();
    void this.publish?.();
  }
}

/** What the backend should know of a container that it may have lost. */
function statusOf(container: ContainerRecord): ContainerStatus {
  if (container.phase === "relaunching") return "removing";
  switch (container.state) {
    case "Starting":
      return "starting";
    case "Running":
      return "running";
    case "Stopping":
      return "stopping";
    case "Terminating":
      return "removing";
    default:
      return "exited";
  }
}

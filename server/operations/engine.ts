/**
 * Changes the model: each change is made in memory, stored, and only then carried out by the backend and answered.
 * The backend's events come back through the same door.
 */
import type { Backend, BackendEvent, ContainerSpec, ContainerStatus } from "../backend/backend";
import { applyEvent } from "../model/events";
import { launchNext, settle } from "../model/lifecycle";
import { processEnvironment } from "../model/links";
import type { ContainerRecord } from "../model/records";
import type { Settings } from "../model/settings";
import { type Order, Transaction } from "../model/transaction";
import type { World } from "../model/world";
import type { Clock } from "../ports/clock";
import type { Logger } from "../ports/logger";
import type { Random } from "../ports/random";
import type { Storage } from "../storage/storage";

/** Terminated applications and containers are shown for this long, then they are unknown. */
const TOMBSTONE_MS = 5 * 60_000;
/** An event that could not be stored is tried again after this. */
const RETRY_MS = 1_000;

export interface EngineParts {
  world: World;
  settings: Settings;
  backend: Backend;
  storage: Storage;
  clock: Clock;
  random: Random;
  logger: Logger;
}

export class Engine {
  readonly world: World;
  readonly settings: Settings;
  readonly backend: Backend;
  /** Made in memory, not yet stored. */
  private readonly pending = new Set<Transaction>();

  constructor(private readonly parts: EngineParts) {
    this.world = parts.world;
    this.settings = parts.settings;
    this.backend = parts.backend;
    parts.backend.events(event => void this.receive(event));
    parts.storage.onFailure(() => this.rollBack());
    parts.storage.onSnapshot(() => ({
      applications: [...this.world.applications.values()],
      containers: [...this.world.containers.values()],
    }));
  }

  /** Resolves with what `work` returned, once the change is stored. If `work` throws, nothing has changed. */
  async change<T>(work: (tx: Transaction) => T): Promise<T> {
    const { world, settings, random, clock, storage } = this.parts;
    this.forgetEnded();
    const tx = new Transaction(world, settings, random, clock.now());
    let result: T;
    try {
      result = work(tx);
    } catch (error) {
      tx.undo();
      throw error;
    }
    const changes = tx.changes();
    if (changes) {
      this.pending.add(tx);
      await storage.append(changes);
      this.pending.delete(tx);
    }
    for (const order of tx.orders) void this.carryOut(order);
    return result;
  }

  /** Reads the model as it is now, without what has been terminated for too long. */
  read<T>(look: (world: World) => T): T {
    this.forgetEnded();
    return look(this.world);
  }

  /** After a restart: hands all containers to the backend and goes on with what was under way. */
  async resume(): Promise<void> {
    const launched = [...this.world.containers.values()].filter(
      container => container.phase !== "waiting" && container.state !== "Terminated",
    );
    await this.backend.adopt(
      launched.map(container => ({ spec: this.specOf(container), status: statusOf(container) })),
    );
    await this.change(tx => {
      for (const uuid of this.world.applications.keys()) {
        launchNext(tx, uuid);
        settle(tx, uuid);
      }
    });
  }

  private async receive(event: BackendEvent): Promise<void> {
    try {
      await this.change(tx => applyEvent(tx, event));
    } catch (error) {
      this.parts.logger.error({ error: String(error), event }, "an event of the backend could not be stored");
      this.parts.clock.setTimeout(() => void this.receive(event), RETRY_MS);
    }
  }

  private async carryOut(order: Order): Promise<void> {
    try {
      if (order.kind === "settle") await this.change(tx => settle(tx, order.application));
      else if (order.kind === "launch") await this.launch(order);
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

  private specOf(container: ContainerRecord): ContainerSpec {
    const application = this.world.applications.get(container.application);
    if (!application) throw new Error(`container ${container.uuid} belongs to no application`);
    return {
      id: container.uuid,
      name: container.uniqueName,
      node: container.node,
      image: application.image,
      command: application.runCommand,
      entrypoint: application.entrypoint,
      env: processEnvironment(application, container.envvars ?? []),
      ports: container.ports,
      size: application.containerSize,
    };
  }

  /** Nobody waits for this to be stored: it follows from what is stored already. */
  private forgetEnded(): void {
    const { world, settings, random, clock, storage, logger } = this.parts;
    const ended = world.endedBy(clock.now() - TOMBSTONE_MS);
    if (ended.length === 0) return;
    const tx = new Transaction(world, settings, random, clock.now());
    for (const uuid of ended) tx.forget(uuid);
    const changes = tx.changes();
    if (changes) storage.append(changes).catch(error => logger.warn({ error: String(error) }, "not stored"));
  }

  private rollBack(): void {
    for (const tx of [...this.pending].reverse()) tx.undo();
    this.pending.clear();
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

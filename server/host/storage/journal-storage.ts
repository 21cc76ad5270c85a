/**
 * Changes on disk: appended to `journal-<generation>`, one line each, synced before they count. Changes that wait
 * while the disk is busy go together with one write and one sync. When the journal has grown, or holds what was
 * removed, a snapshot of the whole state begins the next generation; the one before is kept.
 */
import { rm } from "node:fs/promises";
import { UserError } from "../errors";
import type { Logger } from "../ports/logger";
import { isFull, reasonOf } from "./disk-errors";
import {
  beginErasing,
  closedFile,
  createWhole,
  dropBefore,
  finishErasing,
  removeDrafts,
  tryDisk,
} from "./files";
import { JournalFile, UnsureError } from "./journal-file";
import { encodeLine } from "./lines";
import { type Change, type Collections, countOf, lineOf, type Records } from "./records";
import { type Closed, type Recovered, recover } from "./recovery";
import { writeSnapshot } from "./snapshot";
import { type Storage, StorageError, type StorageStatus } from "./storage";

export interface JournalOptions {
  /** A journal longer than this is followed by a snapshot. */
  snapshotBytes?: number;
  /** What was removed is gone from the disk after this, at most. */
  forgetMs?: number;
  /** False once another server has taken the folder over. */
  holds?: () => boolean;
}

const SNAPSHOT_BYTES = 32 * 1024 * 1024;
const FORGET_MS = 10 * 60_000;

/** One of the two. */
interface Waiting<Kept extends object> {
  change?: Change<Kept>;
  /** All that there is from now on. */
  anew?: Collections<Kept>;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Loads what the folder holds into `records`; from then on keeps every change. The folder must be locked. */
export async function openJournalStorage<Kept extends object>(
  folder: string,
  records: Records<Kept>,
  logger: Logger,
  options: JournalOptions = {},
): Promise<Storage<Kept>> {
  const recovered = await recover(folder, records, logger);
  const storage = new JournalStorage(folder, records, logger, recovered.change, options);
  try {
    await removeDrafts(folder);
    // It was about the journals so far; what follows them says the same.
    await rm(closedFile(folder), { force: true });
    await storage.open(recovered);
  } catch (error) {
    await storage.abandon();
    throw new UserError(`cannot write to ${folder}: ${reasonOf(error)}`);
  }
  return storage;
}

class JournalStorage<Kept extends object> implements Storage<Kept> {
  private journal: JournalFile | undefined;
  /** When the journal is longer than this, it is time for the next generation. */
  private rotateAt: number;
  private readonly snapshotBytes: number;
  private readonly forgetMs: number;
  private readonly holds: () => boolean;
  private syncs = 0;
  private failures = 0;
  /** Why the last write failed. */
  private failure: string | undefined;
  private probing: Promise<void> | undefined;
  private waiting: Waiting<Kept>[] = [];
  private flushing: Promise<void> | undefined;
  private snapshotting: Promise<void> | undefined;
  /** The newest generation with a snapshot of its own, of those begun since the start. */
  private snapshot = 0;
  private isRotationDue = false;
  private forgetting: NodeJS.Timeout | undefined;
  private rollBack: () => void = () => {};
  /** Why no further change is accepted, and what to do: after a failed sync nobody knows what is on disk. */
  private broken: { reason: string; advice: string } | undefined;

  constructor(
    private readonly folder: string,
    private readonly records: Records<Kept>,
    private readonly logger: Logger,
    /** Number of the last stored change. */
    private change: number,
    { snapshotBytes = SNAPSHOT_BYTES, forgetMs = FORGET_MS, holds = () => true }: JournalOptions,
  ) {
    this.snapshotBytes = snapshotBytes;
    this.forgetMs = forgetMs;
    this.holds = holds;
    this.rotateAt = snapshotBytes;
  }

  onFailure(rollBack: () => void): void {
    this.rollBack = rollBack;
  }

  append(change: Change<Kept>): Promise<void> {
    return this.enqueue({ change });
  }

  renew(): Promise<void> {
    return this.enqueue({ anew: this.records.state() });
  }

  /** A new generation with the state it builds on; on a full disk the last journal goes on. */
  async open({ generation, journal, hasRemoved }: Recovered): Promise<void> {
    const state = this.records.state();
    try {
      await this.begin(generation + 1);
      if (generation > 0) await this.writeSnapshot(generation + 1, this.change, state);
    } catch (error) {
      if (!isFull(error) || (!this.journal && journal === undefined)) throw error;
      this.failed(error);
      this.journal ??= await JournalFile.reopen(this.folder, journal as number);
      this.logger.warn({ error: reasonOf(error) }, "no snapshot could be written: the last journal goes on");
    }
    if (hasRemoved) this.forgetLater();
  }

  status(): StorageStatus {
    const problem = this.broken?.reason ?? this.failure;
    return {
      journalBytes: this.journal?.length ?? 0,
      syncs: this.syncs,
      failures: this.failures,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async probe(): Promise<void> {
    if (this.broken || this.failure === undefined) return;
    this.probing ??= tryDisk(this.folder)
      .then(
        () => {
          this.failure = undefined;
        },
        error => {
          this.failure = reasonOf(error);
        },
      )
      .finally(() => {
        this.probing = undefined;
      });
    await this.probing;
  }

  /** Ends a storage that could not begin. */
  async abandon(): Promise<void> {
    clearTimeout(this.forgetting);
    await this.journal?.close().catch(() => {});
  }

  async close(): Promise<void> {
    clearTimeout(this.forgetting);
    this.forgetting = undefined;
    while (this.flushing) await this.flushing;
    await this.snapshotting;
    await this.probing;
    const last = this.journal;
    await last?.close();
    this.journal = undefined;
    if (last && !this.broken) await this.noteEnd(last.generation);
    this.broken = { reason: "the server has ended", advice: "start it again" };
  }

  private enqueue(what: { change: Change<Kept> } | { anew: Collections<Kept> }): Promise<void> {
    if (this.broken) {
      this.rollBack();
      return Promise.reject(this.refusal());
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...what, resolve, reject });
      this.flushing ??= this.flush();
    });
  }

  private async flush(): Promise<void> {
    // Lets the changes of this turn of the event loop join.
    await Promise.resolve();
    while (this.waiting.length > 0 || this.isRotationDue) {
      const batch = this.nextBatch();
      const rotates = this.isRotationDue || (this.journal?.length ?? 0) > this.rotateAt;
      this.isRotationDue = false;
      // Taken now, it is the state after exactly this batch.
      const isLast = this.waiting.length === 0;
      const state = rotates && isLast && !this.snapshotting ? this.records.state() : undefined;
      try {
        this.checkLock();
        if (batch[0]?.anew) await this.beginAnew(batch[0].anew);
        else if (batch.length > 0) await this.write(batch.flatMap(({ change }) => change ?? []));
        for (const { resolve } of batch) resolve();
        if (state) await this.rotate(state);
      } catch (error) {
        if (error instanceof UnsureError) this.breakDown(error.message);
        this.fail(batch, error);
      }
    }
    this.flushing = undefined;
  }

  /** Changes up to the next beginning, or that alone. */
  private nextBatch(): Waiting<Kept>[] {
    const beginning = this.waiting.findIndex(({ anew }) => anew !== undefined);
    return this.waiting.splice(0, beginning < 0 ? this.waiting.length : Math.max(1, beginning));
  }

  private async write(changes: readonly Change<Kept>[]): Promise<void> {
    if (!this.journal) throw this.refusal();
    const lines = changes.map((change, index) =>
      encodeLine({ n: this.change + 1 + index, change: lineOf(change) }),
    );
    await this.journal.append(lines.join(""));
    // What was synced before somebody else took the folder is found by them; what came later is not.
    this.checkLock();
    this.syncs++;
    this.failure = undefined;
    this.change += changes.length;
    if (changes.some(change => this.records.outdatesSecrets(change))) this.forgetLater();
  }

  /** Nothing that was stored before stays on disk. */
  private async beginAnew(state: Collections<Kept>): Promise<void> {
    await this.snapshotting;
    await beginErasing(this.folder);
    try {
      await this.journal?.close();
      this.journal = undefined;
      await finishErasing(this.folder);
      this.change = 0;
      await this.begin(1);
      if (countOf(state) > 0) await this.write([{ put: state, deleted: [] }]);
    } catch (error) {
      throw error instanceof UnsureError ? error : new UnsureError(reasonOf(error));
    }
    clearTimeout(this.forgetting);
    this.forgetting = undefined;
  }

  /** Those that wait already were made upon the changes that failed. */
  private fail(batch: Waiting<Kept>[], error: unknown): void {
    this.failed(error);
    const failed = [...batch, ...this.waiting];
    this.waiting = [];
    if (failed.length === 0) return;
    this.rollBack();
    this.logger.error({ error: reasonOf(error), changes: failed.length }, "changes could not be stored");
    const message = error instanceof Error ? error.message : String(error);
    const refusal = this.broken
      ? this.refusal()
      : new StorageError(`The change could not be stored: ${message}`, isFull(error) ? 507 : 503);
    for (const { reject } of failed) reject(refusal);
  }

  private failed(error: unknown): void {
    this.failures++;
    this.failure = reasonOf(error);
  }

  private breakDown(reason: string, advice = "restart the server"): void {
    if (this.broken) return;
    this.broken = { reason, advice };
    this.logger.error({ error: reason }, `no change is accepted any more: ${advice}`);
  }

  private refusal(): StorageError {
    const { reason, advice } = this.broken ?? { reason: "there is no journal", advice: "restart the server" };
    return new StorageError(`No change can be stored (${reason}): ${advice}.`, 503, true);
  }

  private checkLock(): void {
    if (!this.holds()) this.breakDown("another server has taken over the data folder", "ask that one");
    if (this.broken) throw this.refusal();
  }

  private async begin(generation: number): Promise<void> {
    const before = this.journal;
    this.journal = await JournalFile.create(this.folder, generation, this.change);
    this.rotateAt = this.snapshotBytes;
    await before
      ?.close()
      .catch(error => this.logger.warn({ error: String(error) }, "a journal did not close"));
  }

  /** `state` is what the journal so far leads to. The server goes on while it is written. */
  private async rotate(state: Collections<Kept>): Promise<void> {
    const { change } = this;
    const generation = (this.journal?.generation ?? 0) + 1;
    try {
      await this.begin(generation);
    } catch (error) {
      if (error instanceof UnsureError) this.breakDown(error.message);
      this.rotateAt = (this.journal?.length ?? 0) + this.snapshotBytes;
      this.logger.warn({ error: reasonOf(error) }, "no new journal could be begun");
      return;
    }
    this.snapshotting = this.writeSnapshot(generation, change, state)
      .catch(error => this.logger.warn({ error: reasonOf(error) }, "no snapshot could be written"))
      .finally(() => {
        this.snapshotting = undefined;
      });
  }

  private async writeSnapshot(generation: number, change: number, state: Collections<Kept>): Promise<void> {
    await writeSnapshot(this.folder, generation, change, state, this.records);
    this.snapshot = generation;
    await dropBefore(this.folder, generation);
  }

  private forgetLater(): void {
    this.forgetting ??= setTimeout(() => void this.forget(), this.forgetMs).unref();
  }

  /** Two generations, for the one before is kept. */
  private async forget(): Promise<void> {
    this.forgetting = undefined;
    for (let generations = 0; generations < 2; generations++) {
      await this.snapshotting;
      const { snapshot } = this;
      this.isRotationDue = true;
      this.flushing ??= this.flush();
      await this.flushing;
      await this.snapshotting;
      if (this.broken) return;
      if (this.snapshot === snapshot) return this.forgetLater();
    }
  }

  /** Lets the next start notice if the journal has become shorter meanwhile. */
  private async noteEnd(generation: number): Promise<void> {
    if (!this.holds()) return;
    const closed = { generation, change: this.change } satisfies Closed;
    try {
      const handle = await createWhole(this.folder, closedFile(this.folder), [encodeLine(closed)]);
      await handle.close();
    } catch (error) {
      this.logger.warn({ error: reasonOf(error) }, "the end could not be noted");
    }
  }
}

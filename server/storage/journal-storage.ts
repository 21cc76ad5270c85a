/**
 * Changes on disk: appended to `journal-<generation>`, one line each, synced before they count. Changes that wait
 * while the disk is busy go together with one write and one sync. When the journal has grown, a snapshot of the whole
 * state begins the next generation; the one before is kept.
 */
import { type FileHandle, rm } from "node:fs/promises";
import { UserError } from "../errors";
import type { Change } from "../model/transaction";
import type { World } from "../model/world";
import type { Logger } from "../ports/logger";
import {
  closedFile,
  createWhole,
  FORMAT,
  generationsOf,
  journalFile,
  removeDrafts,
  snapshotFile,
  syncFolder,
} from "./files";
import { encodeLine } from "./lines";
import { type Closed, type JournalHeader, recover } from "./recovery";
import { writeSnapshot } from "./snapshot";
import { type Storage, StorageError, type StorageStatus, type StoredState } from "./storage";

/** A journal longer than this is followed by a snapshot. */
const SNAPSHOT_BYTES = 32 * 1024 * 1024;

interface Waiting {
  change: Change;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Loads what the folder holds into `world`; from then on keeps every change. The folder must be locked. */
export async function openJournalStorage(
  folder: string,
  world: World,
  logger: Logger,
  snapshotBytes = SNAPSHOT_BYTES,
): Promise<Storage> {
  const recovered = await recover(folder, world, logger);
  const storage = new JournalStorage(folder, logger, recovered.change, snapshotBytes);
  const state = {
    applications: [...world.applications.values()],
    containers: [...world.containers.values()],
    account: [...world.account.values()],
  };
  try {
    await removeDrafts(folder);
    // It was about the journals so far; what follows them says the same.
    await rm(closedFile(folder), { force: true });
    await storage.begin(recovered.generation + 1, recovered.generation === 0 ? undefined : state);
  } catch (error) {
    await storage.abandon();
    throw new UserError(`cannot write to ${folder}: ${(error as Error).message}`);
  }
  return storage;
}

class JournalStorage implements Storage {
  private journal: FileHandle | undefined;
  private generation = 0;
  /** Where the next line goes: everything before is synced. */
  private length = 0;
  /** When the journal is longer than this, it is time for the next generation. */
  private rotateAt: number;
  private syncs = 0;
  private waiting: Waiting[] = [];
  private flushing: Promise<void> | undefined;
  private snapshotting: Promise<void> | undefined;
  private rollBack: () => void = () => {};
  private takeState: (() => StoredState) | undefined;
  /** After a failed sync nobody knows what is on disk: no further change is accepted. */
  private broken: string | undefined;

  constructor(
    private readonly folder: string,
    private readonly logger: Logger,
    /** Number of the last stored change. */
    private change: number,
    private readonly snapshotBytes: number,
  ) {
    this.rotateAt = snapshotBytes;
  }

  onFailure(rollBack: () => void): void {
    this.rollBack = rollBack;
  }

  onSnapshot(take: () => StoredState): void {
    this.takeState = take;
  }

  append(change: Change): Promise<void> {
    if (this.broken) {
      this.rollBack();
      return Promise.reject(this.refusal());
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ change, resolve, reject });
      this.flushing ??= this.flush();
    });
  }

  /** Starts the journal of a generation, with the state it builds on. */
  async begin(generation: number, state: StoredState | undefined): Promise<void> {
    const header = encodeLine({ format: FORMAT, after: this.change } satisfies JournalHeader);
    const file = journalFile(this.folder, generation);
    let journal: FileHandle;
    try {
      journal = await createWhole(this.folder, file, [header]);
    } catch (error) {
      await this.withdraw(file);
      throw error;
    }
    const before = this.journal;
    this.journal = journal;
    this.generation = generation;
    this.length = Buffer.byteLength(header);
    this.rotateAt = this.snapshotBytes;
    await before
      ?.close()
      .catch(error => this.logger.warn({ error: String(error) }, "a journal did not close"));
    if (!state) return;
    await writeSnapshot(this.folder, generation, this.change, state);
    await this.dropBefore(generation);
  }

  status(): StorageStatus {
    return {
      journalBytes: this.length,
      syncs: this.syncs,
      ...(this.broken === undefined ? {} : { problem: this.broken }),
    };
  }

  /** Ends a storage that could not begin. */
  async abandon(): Promise<void> {
    await this.journal?.close().catch(() => {});
  }

  async close(): Promise<void> {
    while (this.flushing) await this.flushing;
    await this.snapshotting;
    await this.journal?.close();
    this.journal = undefined;
    if (!this.broken) await this.noteEnd();
    this.broken = "the server has ended";
  }

  private async flush(): Promise<void> {
    // Lets the changes of this turn of the event loop join.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      // Taken now, it is the state after exactly this batch.
      const state = this.length > this.rotateAt && !this.snapshotting ? this.takeState?.() : undefined;
      try {
        await this.write(batch);
        for (const { resolve } of batch) resolve();
        if (state) await this.rotate(state);
      } catch (error) {
        this.fail(batch, error as NodeJS.ErrnoException);
      }
    }
    this.flushing = undefined;
  }

  private async write(batch: Waiting[]): Promise<void> {
    if (this.broken) throw this.refusal();
    const journal = this.journal as FileHandle;
    const text = batch
      .map(({ change }, index) => encodeLine({ n: this.change + 1 + index, change }))
      .join("");
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await journal.write(bytes, done, bytes.length - done, this.length + done)).bytesWritten;
      }
    } catch (error) {
      // Part of it may be there: without this, the next change would be written behind a torn line.
      await journal.truncate(this.length).catch(cause => this.breakDown(cause));
      throw error;
    }
    await journal.datasync().catch(cause => {
      this.breakDown(cause);
      throw cause;
    });
    this.syncs++;
    this.length += bytes.length;
    this.change += batch.length;
  }

  /** Those that wait already were made upon the changes that failed. */
  private fail(batch: Waiting[], error: NodeJS.ErrnoException): void {
    const failed = [...batch, ...this.waiting];
    this.waiting = [];
    this.rollBack();
    this.logger.error({ error: error.message, changes: failed.length }, "changes could not be stored");
    const full = error.code === "ENOSPC" || error.code === "EDQUOT";
    const refusal = this.broken
      ? this.refusal()
      : new StorageError(`The change could not be stored: ${error.message}`, full ? 507 : 503);
    for (const { reject } of failed) reject(refusal);
  }

  private breakDown(cause: Error): void {
    this.broken = cause.message;
    this.logger.error(
      { error: cause.message },
      "the data folder failed: no change is accepted until a restart",
    );
  }

  private refusal(): StorageError {
    return new StorageError(`No change can be stored (${this.broken}): restart the server.`, 503, true);
  }

  /** `state` is what the journal so far leads to. The server goes on while it is written. */
  private async rotate(state: StoredState): Promise<void> {
    const { change } = this;
    try {
      await this.begin(this.generation + 1, undefined);
    } catch (error) {
      this.rotateAt = this.length + this.snapshotBytes;
      this.logger.warn({ error: (error as Error).message }, "no new journal could be begun");
      return;
    }
    const { generation } = this;
    this.snapshotting = writeSnapshot(this.folder, generation, change, state)
      .then(() => this.dropBefore(generation))
      .catch(error => this.logger.warn({ error: (error as Error).message }, "no snapshot could be written"))
      .finally(() => {
        this.snapshotting = undefined;
      });
  }

  /** A journal that could not be begun must not be found later: the one before goes on. */
  private async withdraw(file: string): Promise<void> {
    try {
      await rm(file, { force: true });
      await syncFolder(this.folder);
    } catch (error) {
      this.breakDown(error as Error);
    }
  }

  /** Keeps the generation before, in case this one's snapshot turns out to be damaged. */
  private async dropBefore(generation: number): Promise<void> {
    const snapshots = await generationsOf(this.folder, "snapshot");
    const previous = snapshots.filter(other => other < generation).at(-1) ?? 0;
    for (const other of snapshots) if (other < previous) await rm(snapshotFile(this.folder, other));
    for (const other of await generationsOf(this.folder, "journal")) {
      if (other < previous) await rm(journalFile(this.folder, other));
    }
  }

  /** Lets the next start notice if the journal has become shorter meanwhile. */
  private async noteEnd(): Promise<void> {
    const closed = { generation: this.generation, change: this.change } satisfies Closed;
    try {
      const handle = await createWhole(this.folder, closedFile(this.folder), [encodeLine(closed)]);
      await handle.close();
    } catch (error) {
      this.logger.warn({ error: (error as Error).message }, "the end could not be noted");
    }
  }
}

/**
 * Loads a data folder: the newest snapshot that is whole, then every journal from its generation on.
 * A last line that was never finished is dropped: its change was never answered. Any other damage stops the start,
 * touching nothing, unless the previous generation (kept for this) makes up for it. That a journal has lost whole
 * lines shows in what was written after it: the next journal's first line, or the note of a server that ended.
 */
import { open, readFile } from "node:fs/promises";
import { UserError } from "../errors";
import type { Logger } from "../ports/logger";
import { closedFile, FORMAT, finishErasing, generationsOf, isErasing, journalFile } from "./files";
import { decodeLine, splitLines } from "./lines";
import { type ChangeLine, changeOf, type Records } from "./records";
import { type LoadedSnapshot, NewerFormat, readSnapshot } from "./snapshot";

/** First line of a journal; those of format 1 have none. */
export interface JournalHeader {
  format: number;
  /** Number of the last change before it. */
  after: number;
}

/** Every other line. */
export interface JournalLine {
  /** Number of the change: one more than the line before, across journals. */
  n: number;
  change: ChangeLine;
}

/** Where the server that wrote this journal last ended. */
export interface Closed {
  generation: number;
  change: number;
}

export interface Recovered {
  /** Highest generation there is a file of; 0 in an empty folder. */
  generation: number;
  /** Number of the last change. */
  change: number;
  /** The last journal, if there is one. */
  journal: number | undefined;
  /** The journals read hold what was removed since: its secrets are to go as well. */
  hasRemoved: boolean;
}

type Base<Kept extends object> = LoadedSnapshot<Kept> & { generation: number };

export async function recover<Kept extends object>(
  folder: string,
  records: Records<Kept>,
  logger: Logger,
): Promise<Recovered> {
  if (await isErasing(folder)) {
    logger.warn({ folder }, "a reset was not finished: everything is removed");
    await finishErasing(folder);
  }
  const snapshots = await generationsOf(folder, "snapshot");
  const journals = await generationsOf(folder, "journal");
  const closed = await readClosed(folder, logger);
  const base = await newestSnapshot(folder, { snapshots, journals }, records, logger);
  records.apply({ put: base.state, deleted: [] });

  // Where nothing is left at all, everything was removed on purpose.
  const isEmpty = snapshots.length + journals.length === 0;
  // A snapshot, be it damaged, says that its journal was begun.
  const expected = isEmpty ? 0 : Math.max(base.generation, closed?.generation ?? 0, ...snapshots);
  if (expected > 0 && !journals.includes(expected)) throw damaged(folder, `journal-${expected} is missing`);
  const following = journals.filter(generation => generation >= base.generation);
  const reader = new JournalReader(folder, base, records);
  for (const generation of following) {
    await reader.replay(generation, generation === following.at(-1));
    if (closed?.generation === generation) reader.expectEnd(generation, closed.change);
  }
  if (reader.torn) await dropTornTail(folder, reader.torn, logger);
  return {
    generation: Math.max(0, ...snapshots, ...journals),
    change: reader.change,
    journal: following.at(-1),
    hasRemoved: reader.hasRemoved,
  };
}

class JournalReader<Kept extends object> {
  /** Number of the last change. */
  change: number;
  /** The last journal ends with a line that was never finished. */
  torn: { generation: number; bytes: number } | undefined;
  hasRemoved = false;
  private hasHeaders: boolean;

  constructor(
    private readonly folder: string,
    private readonly base: Base<Kept>,
    private readonly records: Records<Kept>,
  ) {
    this.change = base.change;
    this.hasHeaders = base.format > 1;
  }

  async replay(generation: number, isLast: boolean): Promise<void> {
    const name = `journal-${generation}`;
    const bytes = await readFile(journalFile(this.folder, generation));
    const { lines, rest } = splitLines(bytes);
    if (rest.length > 0 && !isLast) throw damaged(this.folder, `${name}: it is cut off`);
    const entries = lines.map((line, index) => {
      const entry = decodeLine(line);
      if (!entry) throw damaged(this.folder, `${name}: line ${index + 1} is damaged`);
      return entry as JournalHeader | JournalLine;
    });
    // A line whose end alone is wrong was whole, and may have been answered.
    if (rest.length > 0 && decodeLine(rest.subarray(0, -1)) !== undefined) {
      throw damaged(this.folder, `${name}: line ${lines.length + 1} is damaged`);
    }
    const first = entries[0];
    if (first && "after" in first) {
      entries.shift();
      this.readHeader(name, first);
    } else if (this.hasHeaders || (this.base.generation === 0 && entries.length === 0)) {
      throw damaged(this.folder, `${name}: its beginning is missing`);
    }
    for (const [index, entry] of entries.entries())
      this.apply(name, index + 1 + lines.length - entries.length, entry);
    if (rest.length > 0) this.torn = { generation, bytes: rest.length };
  }

  /** Throws when the journal just read is not the one that its server left. */
  expectEnd(generation: number, change: number): void {
    if (this.change === change && this.torn?.generation !== generation) return;
    throw damaged(
      this.folder,
      `journal-${generation}: it ends with change ${this.change}, and was left with change ${change}`,
    );
  }

  private readHeader(name: string, { format, after }: JournalHeader): void {
    if (format > FORMAT) throw tooNew(this.folder, `${name}: ${new NewerFormat(format).message}`);
    this.hasHeaders = true;
    if (after === this.change) return;
    throw damaged(
      this.folder,
      `${name}: it follows change ${after}, and what is there before it ends with change ${this.change}`,
    );
  }

  private apply(name: string, number: number, entry: JournalHeader | JournalLine): void {
    if (!("n" in entry) || entry.n !== this.change + 1) {
      throw damaged(this.folder, `${name}: line ${number} does not follow the one before`);
    }
    this.change = entry.n;
    const change = changeOf<Kept>(entry.change);
    this.hasRemoved ||= this.records.outdatesSecrets(change);
    this.records.apply(change);
  }
}

async function newestSnapshot<Kept extends object>(
  folder: string,
  { snapshots, journals }: { snapshots: number[]; journals: number[] },
  records: Records<Kept>,
  logger: Logger,
): Promise<Base<Kept>> {
  const problems: string[] = [];
  for (const generation of [...snapshots].reverse()) {
    try {
      return { ...(await readSnapshot(folder, generation, records)), generation };
    } catch (error) {
      const problem = `snapshot-${generation}: ${(error as Error).message}`;
      if (error instanceof NewerFormat) throw tooNew(folder, problem);
      problems.push(problem);
      logger.warn({ generation, problem }, "a snapshot is damaged: using the one before");
    }
  }
  // Before the first snapshot, the first journal holds everything.
  if (journals[0] !== 1 && (problems.length > 0 || journals.length > 0)) {
    throw damaged(folder, problems.join("; ") || "there is no snapshot");
  }
  return { format: 1, generation: 0, change: 0, state: {} };
}

/** It only says twice what the journals say: without it, less damage is noticed. */
async function readClosed(folder: string, logger: Logger): Promise<Closed | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(closedFile(folder));
  } catch {
    return undefined;
  }
  const { lines, rest } = splitLines(bytes);
  const closed = lines.length === 1 && rest.length === 0 ? decodeLine(lines[0] as Buffer) : undefined;
  if (!closed) logger.warn({ file: closedFile(folder) }, "a file is damaged that is not needed: ignored");
  return closed as Closed | undefined;
}

/** For good, once all else is found whole: the next start must not meet it in the middle of the journals. */
async function dropTornTail(
  folder: string,
  { generation, bytes }: { generation: number; bytes: number },
  logger: Logger,
): Promise<void> {
  const file = journalFile(folder, generation);
  logger.warn({ file, bytes }, "dropped an unfinished change at the end of the journal");
  const handle = await open(file, "r+");
  try {
    const { size } = await handle.stat();
    await handle.truncate(size - bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function damaged(folder: string, problem: string): UserError {
  return new UserError(
    `the data in ${folder} is damaged (${problem}); nothing was changed. Restore the folder from a copy, or start anew with "tutum-server reset --yes".`,
  );
}

function tooNew(folder: string, problem: string): UserError {
  return new UserError(
    `the data in ${folder} cannot be read (${problem}); nothing was changed. Start the version of tutum-server that wrote it.`,
  );
}

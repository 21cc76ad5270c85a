/**
 * Loads a data folder: the newest snapshot that is whole, then every journal from its generation on.
 * A last line that was never finished is dropped: its change was never answered. Any other damage stops the start,
 * touching nothing, unless the previous generation (kept for this) makes up for it.
 */
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors";
import type { Change } from "../model/transaction";
import type { World } from "../model/world";
import type { Logger } from "../ports/logger";
import { decodeLine } from "./lines";
import { type LoadedSnapshot, readSnapshot } from "./snapshot";

/** One line of a journal. */
export interface JournalLine {
  /** Number of the change: one more than the line before, across journals. */
  n: number;
  change: Change;
}

export interface Recovered {
  /** Highest generation there is a file of; 0 in an empty folder. */
  generation: number;
  /** Number of the last change. */
  change: number;
}

export function journalFile(folder: string, generation: number): string {
  return join(folder, `journal-${generation}`);
}

export async function generationsOf(folder: string, kind: "journal" | "snapshot"): Promise<number[]> {
  const numbers = (await readdir(folder)).flatMap(name => {
    const match = new RegExp(`^${kind}-(\\d+)$`).exec(name);
    return match ? [Number(match[1])] : [];
  });
  return numbers.sort((a, b) => a - b);
}

export async function recover(folder: string, world: World, logger: Logger): Promise<Recovered> {
  const snapshots = await generationsOf(folder, "snapshot");
  const journals = await generationsOf(folder, "journal");
  const base = await newestSnapshot(folder, snapshots, logger);
  for (const record of base.applications) world.putApplication(record);
  for (const record of base.containers) world.putContainer(record);

  if (base.generation > 0 && !journals.includes(base.generation)) {
    throw damaged(folder, `journal-${base.generation} is missing`);
  }
  let { change } = base;
  const following = journals.filter(generation => generation >= base.generation);
  for (const generation of following) {
    const isLast = generation === following.at(-1);
    change = await replay(folder, generation, isLast, change, world);
    if (isLast) await dropTornTail(folder, generation, logger);
  }
  world.sortEnded();
  return { generation: Math.max(0, ...snapshots, ...journals), change };
}

async function newestSnapshot(
  folder: string,
  generations: number[],
  logger: Logger,
): Promise<LoadedSnapshot & { generation: number }> {
  const problems: string[] = [];
  for (const generation of [...generations].reverse()) {
    try {
      return { ...(await readSnapshot(folder, generation)), generation };
    } catch (error) {
      problems.push(`snapshot-${generation}: ${(error as Error).message}`);
      logger.warn(
        { generation, problem: (error as Error).message },
        "a snapshot is damaged: using the one before",
      );
    }
  }
  // Before the first snapshot, the first journal holds everything.
  const journals = await generationsOf(folder, "journal");
  if (problems.length > 0 && journals[0] !== 1) throw damaged(folder, problems.join("; "));
  return { generation: 0, change: 0, applications: [], containers: [] };
}

async function replay(
  folder: string,
  generation: number,
  isLast: boolean,
  after: number,
  world: World,
): Promise<number> {
  const name = `journal-${generation}`;
  const lines = (await readFile(journalFile(folder, generation), "utf8")).split("\n");
  const rest = lines.pop() ?? "";
  if (rest !== "" && !isLast) throw damaged(folder, `${name}: it is cut off`);
  let change = after;
  for (const [index, line] of lines.entries()) {
    const entry = decodeLine(line) as JournalLine | undefined;
    if (!entry) throw damaged(folder, `${name}: line ${index + 1} is damaged`);
    if (entry.n <= after) continue; // already in the snapshot
    if (entry.n !== change + 1)
      throw damaged(folder, `${name}: line ${index + 1} does not follow the one before`);
    apply(entry.change, world);
    change = entry.n;
  }
  return change;
}

/** For good, once all else is found whole: the next start must not meet it in the middle of the journals. */
async function dropTornTail(folder: string, generation: number, logger: Logger): Promise<void> {
  const file = journalFile(folder, generation);
  const bytes = await readFile(file);
  const length = bytes.lastIndexOf("\n") + 1;
  if (length === bytes.length) return;
  logger.warn(
    { file, bytes: bytes.length - length },
    "dropped an unfinished change at the end of the journal",
  );
  const handle = await open(file, "r+");
  try {
    await handle.truncate(length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function apply(change: Change, world: World): void {
  for (const record of change.applications ?? []) world.putApplication(record);
  for (const record of change.containers ?? []) world.putContainer(record);
  for (const uuid of change.deleted ?? []) {
    world.deleteContainer(uuid);
    world.deleteApplication(uuid);
  }
}

function damaged(folder: string, problem: string): UserError {
  return new UserError(
    `the data in ${folder} is damaged (${problem}); nothing was changed. Restore the folder from a copy, or start anew with "tutum-server reset --yes".`,
  );
}

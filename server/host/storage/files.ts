/** The storage's files in a data folder, and how they get there: whole or not at all. */
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";

/** Version of what is in the files; a higher one is not touched. */
export const FORMAT = 2;

const PROBE = "0".repeat(64 * 1024);

export type Kind = "journal" | "snapshot";

export const journalFile = (folder: string, generation: number) => join(folder, `journal-${generation}`);
export const snapshotFile = (folder: string, generation: number) => join(folder, `snapshot-${generation}`);
/** Says where the last journal ended, once its server has ended in order. */
export const closedFile = (folder: string) => join(folder, "closed");
/** There while everything is being removed: what else is found then is to go, too. */
export const erasingFile = (folder: string) => join(folder, "erasing");

/** What the data consists of, also what was left half-written: nothing else in the folder belongs to it. */
export function isDataFile(name: string): boolean {
  return /^((journal|snapshot)-\d+|closed|probe)(\.tmp)?$/.test(name);
}

/** In ascending order. */
export async function generationsOf(folder: string, kind: Kind): Promise<number[]> {
  const numbers = (await readdir(folder)).flatMap(name => {
    const match = /^(journal|snapshot)-(\d+)$/.exec(name);
    return match && match[1] === kind ? [Number(match[2])] : [];
  });
  return numbers.sort((a, b) => a - b);
}

/**
 * Written beside its name, synced, then renamed: a file of that name is complete. The handle stays open for more.
 * On failure nothing of it is left.
 */
export async function createWhole(
  folder: string,
  file: string,
  chunks: Iterable<string>,
): Promise<FileHandle> {
  const draft = `${file}.tmp`;
  const handle = await open(draft, "w", 0o600);
  try {
    for (const chunk of chunks) await handle.writeFile(chunk);
    await handle.sync();
    // Only another server, which has taken the folder over meanwhile, can have made it.
    if ((await readdir(folder)).includes(basename(file))) throw new Error(`${file} is there already`);
    await rename(draft, file);
    await syncFolder(folder);
    return handle;
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

/** Throws when the disk does not take what a change or two need. */
export async function tryDisk(folder: string): Promise<void> {
  const file = join(folder, "probe.tmp");
  try {
    const handle = await open(file, "w", 0o600);
    try {
      await handle.writeFile(PROBE);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
}

/** Keeps the generation before, in case this one's snapshot turns out to be damaged. */
export async function dropBefore(folder: string, generation: number): Promise<void> {
  const snapshots = await generationsOf(folder, "snapshot");
  const previous = snapshots.filter(other => other < generation).at(-1) ?? 0;
  for (const other of snapshots) if (other < previous) await rm(snapshotFile(folder, other));
  for (const other of await generationsOf(folder, "journal")) {
    if (other < previous) await rm(journalFile(folder, other));
  }
}

/** What a process that was killed left half-written. */
export async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(".tmp") && isDataFile(name)) await rm(join(folder, name), { force: true });
  }
}

/** From here on all data is to go, whatever happens meanwhile. An empty file: it needs no room on a full disk. */
export async function beginErasing(folder: string): Promise<void> {
  await (await open(erasingFile(folder), "w", 0o600)).close();
  await syncFolder(folder);
}

export async function finishErasing(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isDataFile(name)) await rm(join(folder, name), { force: true });
  }
  await syncFolder(folder);
  await rm(erasingFile(folder), { force: true });
  await syncFolder(folder);
}

export async function isErasing(folder: string): Promise<boolean> {
  return (await readdir(folder)).includes(basename(erasingFile(folder)));
}

/** A rename counts only when the folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

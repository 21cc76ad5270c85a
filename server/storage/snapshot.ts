/**
 * `snapshot-<generation>`: the whole state when `journal-<generation>` began. It is written beside its final name,
 * synced and then renamed, so a file of that name is complete; its last line says how many lines it has.
 */
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ApplicationRecord, ContainerRecord } from "../model/records";
import { decodeLine, encodeLine } from "./lines";
import type { StoredState } from "./storage";

const FORMAT = 1;
/** Characters written at a time: a big state does not stop the server while it is turned into text. */
const CHUNK = 256 * 1024;

interface Header {
  format: number;
  /** Number of the last change it contains. */
  change: number;
}

export interface LoadedSnapshot {
  change: number;
  applications: ApplicationRecord[];
  containers: ContainerRecord[];
}

export function snapshotFile(folder: string, generation: number): string {
  return join(folder, `snapshot-${generation}`);
}

export async function writeSnapshot(
  folder: string,
  generation: number,
  change: number,
  state: StoredState,
): Promise<void> {
  const file = snapshotFile(folder, generation);
  const handle = await open(`${file}.tmp`, "w", 0o600);
  try {
    for (const chunk of chunks(change, state)) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
  await syncFolder(folder);
}

/** Undefined when there is none of this generation; throws when it is damaged. */
export async function readSnapshot(folder: string, generation: number): Promise<LoadedSnapshot> {
  const lines = (await readFile(snapshotFile(folder, generation), "utf8")).split("\n");
  if (lines.pop() !== "") throw new Error("it is cut off");
  const values = lines.map((line, index) => {
    const value = decodeLine(line);
    if (value === undefined) throw new Error(`line ${index + 1} is damaged`);
    return value as Record<string, unknown>;
  });
  const header = values.shift() as unknown as Header | undefined;
  if (header && header.format > FORMAT)
    throw new Error(`it was written by a newer version (format ${header.format})`);
  const end = values.pop();
  if (!header || end?.lines !== values.length) throw new Error("it is cut off");
  return {
    change: header.change,
    applications: values.flatMap(value => (value.a ? [value.a as ApplicationRecord] : [])),
    containers: values.flatMap(value => (value.c ? [value.c as ContainerRecord] : [])),
  };
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

function* chunks(change: number, state: StoredState): Generator<string> {
  let text = encodeLine({ format: FORMAT, change } satisfies Header);
  let lines = 0;
  for (const value of entries(state)) {
    text += encodeLine(value);
    lines++;
    if (text.length > CHUNK) {
      yield text;
      text = "";
    }
  }
  yield text + encodeLine({ lines });
}

function* entries(state: StoredState): Generator<object> {
  for (const a of state.applications) yield { a };
  for (const c of state.containers) yield { c };
}

/** `snapshot-<generation>`: the whole state when `journal-<generation>` began. Its last line says how many it has. */
import { readFile } from "node:fs/promises";
import type { AccountRecord } from "../../apis/tutum/model/account-records";
import type { ApplicationRecord, ContainerRecord } from "../../apis/tutum/model/records";
import { createWhole, FORMAT, snapshotFile } from "./files";
import { decodeLine, encodeLine, splitLines } from "./lines";
import type { StoredState } from "./storage";

/** Characters written at a time: a big state does not stop the server while it is turned into text. */
const CHUNK = 256 * 1024;

interface Header {
  format: number;
  /** Number of the last change it contains. */
  change: number;
}

export interface LoadedSnapshot extends Header {
  applications: ApplicationRecord[];
  containers: ContainerRecord[];
  account: AccountRecord[];
}

/** The file is whole, and this program is too old for it. */
export class NewerFormat extends Error {
  constructor(format: number) {
    super(`it was written by a newer version (format ${format})`);
  }
}

export async function writeSnapshot(
  folder: string,
  generation: number,
  change: number,
  state: StoredState,
): Promise<void> {
  const handle = await createWhole(folder, snapshotFile(folder, generation), chunks(change, state));
  await handle.close();
}

/** Throws when it is damaged. */
export async function readSnapshot(folder: string, generation: number): Promise<LoadedSnapshot> {
  const { lines, rest } = splitLines(await readFile(snapshotFile(folder, generation)));
  if (rest.length > 0) throw new Error("it is cut off");
  const values = lines.map((line, index) => {
    const value = decodeLine(line);
    if (value === undefined) throw new Error(`line ${index + 1} is damaged`);
    return value as Record<string, unknown>;
  });
  const header = values.shift() as unknown as Header | undefined;
  if (header && header.format > FORMAT) throw new NewerFormat(header.format);
  const end = values.pop();
  if (!header || end?.lines !== values.length) throw new Error("it is cut off");
  return {
    format: header.format,
    change: header.change,
    applications: values.flatMap(({ a }) => (a ? [a as ApplicationRecord] : [])),
    containers: values.flatMap(({ c }) => (c ? [c as ContainerRecord] : [])),
    account: values.flatMap(({ k }) => (k ? [k as AccountRecord] : [])),
  };
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
  for (const k of state.account) yield { k };
}

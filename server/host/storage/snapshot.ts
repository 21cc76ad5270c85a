/** `snapshot-<generation>`: the whole state when `journal-<generation>` began. Its last line says how many it has. */
import { readFile } from "node:fs/promises";
import { createWhole, FORMAT, snapshotFile } from "./files";
import { decodeLine, encodeLine, splitLines } from "./lines";
import type { Collections, Records } from "./records";

/** Characters written at a time: a big state does not stop the server while it is turned into text. */
const CHUNK = 256 * 1024;

interface Header {
  format: number;
  /** Number of the last change it contains. */
  change: number;
}

export interface LoadedSnapshot<Kept extends object> extends Header {
  state: Collections<Kept>;
}

type Names<Kept extends object> = Pick<Records<Kept>, "shortNames">;

/** The file is whole, and this program is too old for it. */
export class NewerFormat extends Error {
  constructor(format: number) {
    super(`it was written by a newer version (format ${format})`);
  }
}

export async function writeSnapshot<Kept extends object>(
  folder: string,
  generation: number,
  change: number,
  state: Collections<Kept>,
  names: Names<Kept>,
): Promise<void> {
  const lines = entries(state, names);
  const handle = await createWhole(folder, snapshotFile(folder, generation), chunks(change, lines));
  await handle.close();
}

/** Throws when it is damaged. */
export async function readSnapshot<Kept extends object>(
  folder: string,
  generation: number,
  names: Names<Kept>,
): Promise<LoadedSnapshot<Kept>> {
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
  return { format: header.format, change: header.change, state: stateOf(values, names) };
}

function* chunks(change: number, entries: Iterable<object>): Generator<string> {
  let text = encodeLine({ format: FORMAT, change } satisfies Header);
  let lines = 0;
  for (const value of entries) {
    text += encodeLine(value);
    lines++;
    if (text.length > CHUNK) {
      yield text;
      text = "";
    }
  }
  yield text + encodeLine({ lines });
}

/** A line has one record, under what snapshots call its collection. */
function* entries<Kept extends object>(state: Collections<Kept>, names: Names<Kept>): Generator<object> {
  const short = new Map(Object.entries<string | undefined>(names.shortNames ?? {}));
  for (const [name, records = []] of Object.entries<readonly unknown[] | undefined>(state))
    for (const record of records) yield { [short.get(name) ?? name]: record };
}

function stateOf<Kept extends object>(
  lines: readonly Record<string, unknown>[],
  { shortNames = {} }: Names<Kept>,
): Collections<Kept> {
  const long = new Map(Object.entries<string | undefined>(shortNames).map(([name, short]) => [short, name]));
  const state: Record<string, unknown[]> = {};
  for (const line of lines) {
    for (const [key, record] of Object.entries(line)) {
      const name = long.get(key) ?? key;
      state[name] ??= [];
      state[name].push(record);
    }
  }
  return state as Collections<Kept>;
}

import { TutumLookupError } from "./errors";
import { isUuid, uuidOf } from "./references";

interface Named {
  uuid: string;
  unique_name: string;
  name: string;
  state: string;
}

interface Way {
  unique_name?: string;
  name?: string;
  uuid__startswith?: string;
}

/** What can be looked up by: each asks the server for what matches, and may be asked or not. */
export interface Finder<T extends Named> {
  noun: string;
  byUuid(uuid: string): Promise<T | undefined>;
  list(filter: Way): AsyncIterable<T>;
}

/** One object by uuid, resource URI, unique name, name, or the beginning of a uuid: the first of these that fits one. */
export async function findOne<T extends Named>(reference: string, finder: Finder<T>): Promise<T> {
  const uuid = uuidOf(reference);
  if (isUuid(uuid)) {
    const found = await finder.byUuid(uuid);
    if (found) return found;
    throw new TutumLookupError(`There is no ${finder.noun} ${uuid}.`, []);
  }
  const prefix = /^[0-9a-f-]{1,35}$/i.test(reference);
  const ways = [
    { unique_name: reference },
    { name: reference },
    ...(prefix ? [{ uuid__startswith: reference }] : []),
  ];
  for (const way of ways) {
    const found = await collect(finder.list(way), way);
    if (found.length === 1) return found[0] as T;
    if (found.length > 1) throw ambiguous(reference, finder.noun, found);
  }
  throw new TutumLookupError(
    `There is no ${finder.noun} with the name, unique name or uuid ${JSON.stringify(reference)}.`,
    [],
  );
}

/** Checked here once more: a server ignores filters that it does not know. */
async function collect<T extends Named>(objects: AsyncIterable<T>, way: Way): Promise<T[]> {
  const found: T[] = [];
  for await (const object of objects) {
    const { unique_name, name, uuid__startswith } = way;
    const fits =
      (unique_name !== undefined && object.unique_name === unique_name) ||
      (name !== undefined && object.name === name) ||
      (uuid__startswith !== undefined && object.uuid.startsWith(uuid__startswith.toLowerCase()));
    if (fits && object.state !== "Terminated") found.push(object);
  }
  return found;
}

function ambiguous(reference: string, noun: string, found: Named[]): TutumLookupError {
  const lines = found.map(({ unique_name, uuid, state }) => `${unique_name} (${uuid}, ${state})`);
  return new TutumLookupError(
    `${JSON.stringify(reference)} names more than one ${noun}: ${lines.join(", ")}.`,
    found,
  );
}

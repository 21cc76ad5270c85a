/**
 * Random damage to a data folder: files cut, flipped, removed, doubled, mixed up, with a page of zeros. The server
 * either has all that it had, or what a crash could have left of the last journal and says so, or refuses in one
 * sentence and touches nothing. It never loads anything else, and never ends with an error that nobody foresaw.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { World } from "../../server/apis/tutum/model/world";
import { UserError } from "../../server/host/errors";
import type { Logger } from "../../server/host/ports/logger";
import { systemRandom } from "../../server/host/ports/random";
import { openDataFolder } from "../../server/host/storage/data-folder";
import { openJournalStorage } from "../../server/host/storage/journal-storage";
import { startTestServer, temporaryFolder } from "../server/harness";
import type { Chance } from "../simulation/chance";
import { until } from "../until";
import { fuzz } from "./seed";

/** With several generations, and states that differ from change to change. */
async function makeFolder(): Promise<string> {
  const dataDir = join(temporaryFolder(), "data");
  for (const name of ["a", "b", "c"]) {
    const server = await startTestServer({ dataDir, times: { start: 1 } });
    const { resource_uri } = await server.create({ image: "me/x", name });
    await until(async () => {
      await server.clock.advance(10);
      return (await server.get(resource_uri)).state === "Running";
    });
    await server.close();
  }
  return dataDir;
}

const stateOf = (world: World) =>
  JSON.stringify([...world.applications.values(), ...world.containers.values()]);
const contentOf = (folder: string) =>
  JSON.stringify(
    readdirSync(folder)
      .filter(name => /^(journal|snapshot|closed|settings)/.test(name))
      .sort()
      .map(name => [name, readFileSync(join(folder, name)).toString("latin1")]),
  );

interface Loaded {
  state?: string;
  refused?: string;
  warnings: number;
}

/** As a server that starts does it; anything but a `UserError` is a failure. */
async function load(folder: string): Promise<Loaded> {
  let warnings = 0;
  const logger: Logger = { info() {}, error() {}, warn: () => warnings++ };
  const world = new World();
  try {
    const opened = await openDataFolder(folder, systemRandom, logger);
    try {
      await (await openJournalStorage(folder, world, logger)).close();
      return { state: stateOf(world), warnings };
    } finally {
      opened.close();
    }
  } catch (error) {
    if (!(error instanceof UserError) || error.message.includes("\n")) throw error;
    return { refused: error.message, warnings };
  }
}

const PAGE = 4_096;

type Damage = (bytes: Buffer, chance: Chance) => Buffer | undefined;
const at = (bytes: Buffer, chance: Chance) => Math.floor(chance() * bytes.length);
const DAMAGES: Record<string, Damage> = {
  cut: (bytes, chance) => bytes.subarray(0, at(bytes, chance)),
  beheaded: (bytes, chance) => bytes.subarray(at(bytes, chance)),
  flipped(bytes, chance) {
    const damaged = Buffer.from(bytes);
    const where = at(bytes, chance);
    if (where < damaged.length) damaged[where] = (damaged[where] ?? 0) ^ (1 << Math.floor(chance() * 8));
    return damaged;
  },
  zeroed(bytes, chance) {
    const from = Math.floor(at(bytes, chance) / PAGE) * PAGE;
    return Buffer.from(bytes).fill(0, from, Math.min(bytes.length, from + PAGE));
  },
  doubled: bytes => Buffer.concat([bytes, bytes]),
  removed: () => undefined,
  emptied: () => Buffer.alloc(0),
};

fuzz("a damaged folder is loaded whole, or is refused in one sentence", 300, async ({ chance, count }) => {
  const folder = await makeFolder();
  const { state } = await load(copyOf(folder));
  const tally: Record<string, number> = {};
  for (let round = 0; round < count; round++) {
    const copy = copyOf(folder);
    // Without the note of an orderly end, as after a crash, the last journal's end may be missing.
    const crashed = chance() < 0.3;
    if (crashed) rmSync(join(copy, "closed"), { force: true });
    const names = readdirSync(copy).filter(name => /^(journal|snapshot|closed|settings)/.test(name));
    const what: string[] = [];
    for (let damages = chance() < 0.7 ? 1 : 2; damages > 0; damages--) {
      const name = names[Math.floor(chance() * names.length)] as string;
      const kinds = Object.keys(DAMAGES);
      const kind = kinds[Math.floor(chance() * kinds.length)] as string;
      what.push(`${name} ${kind}`);
      const file = join(copy, name);
      const damaged = DAMAGES[kind]?.(readOrNothing(file), chance);
      if (damaged === undefined) rmSync(file, { force: true });
      else writeFileSync(file, damaged);
    }
    const before = contentOf(copy);
    const loaded = await load(copy).catch((error: Error) => {
      throw new Error(`${what.join(", ")}: ${error.stack}`);
    });
    const outcome = judge(loaded, state as string, what, crashed, () => contentOf(copy) === before);
    tally[outcome] = (tally[outcome] ?? 0) + 1;
    rmSync(copy, { recursive: true });
  }
  process.stderr.write(`damaged folders: ${JSON.stringify(tally)}\n`);
});

function judge(
  { state, refused, warnings }: Loaded,
  whole: string,
  what: string[],
  crashed: boolean,
  isUntouched: () => boolean,
): string {
  const wrong = (problem: string) => new Error(`${what.join(", ")}${crashed ? ", crashed" : ""}: ${problem}`);
  if (refused !== undefined) {
    if (!isUntouched()) throw wrong(`refused, and changed: ${refused}`);
    return "refused";
  }
  if (state === whole) return "whole";
  // What a journal that ended in the middle of a line had after it was never answered, if the server did not end well.
  const isNoteGone = crashed || what.some(damage => damage.startsWith("closed "));
  const isCutJournal = what.some(damage => /^journal-3 (cut|emptied)$/.test(damage));
  if (isNoteGone && isCutJournal)
    return warnings > 0 ? "earlier, and said so" : "earlier, at the end of a line";
  const isWithoutTrace = ["journal-3 removed", "snapshot-3 removed"].every(damage => what.includes(damage));
  if (isNoteGone && isWithoutTrace) return "earlier, without a trace of what came later";
  throw wrong(`loaded another state: ${state}`);
}

function copyOf(folder: string): string {
  const copy = join(temporaryFolder(), "copy");
  mkdirSync(copy);
  cpSync(folder, copy, { recursive: true });
  return copy;
}

function readOrNothing(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

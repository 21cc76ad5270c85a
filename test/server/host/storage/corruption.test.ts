/**
 * A small store with a byte flipped, or cut off, anywhere in any of its files: the state is what it was, or (where a
 * crash could have left the files like this) what it was some changes earlier, or the start is refused. Never is
 * anything else loaded, and never is a file touched that was refused.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Kept, World } from "../../../../server/apis/tutum/model/world";
import { UserError } from "../../../../server/host/errors";
import type { Logger } from "../../../../server/host/ports/logger";
import { openJournalStorage } from "../../../../server/host/storage/journal-storage";
import { decodeLine, encodeLine, splitLines } from "../../../../server/host/storage/lines";
import type { Collections } from "../../../../server/host/storage/records";
import { recover } from "../../../../server/host/storage/recovery";
import { until } from "../../../until";
import { startTestServer, temporaryFolder } from "../../harness";

const REFUSED =
  /^the data in .* is damaged \(.*(journal|snapshot)-\d+.*\); nothing was changed\. Restore the folder from a copy, or start anew with "tutum-server reset --yes"\.$/;

function newLog() {
  const warnings: string[] = [];
  const ignore = () => {};
  const logger: Logger = {
    info: ignore,
    error: ignore,
    warn: (_fields, message) => void warnings.push(message),
  };
  return { logger, warnings };
}

function stateOf(world: World): string {
  return JSON.stringify([...world.applications.values(), ...world.containers.values()]);
}

interface Loaded {
  state?: string;
  refused?: Error;
  warnings: string[];
}

async function load(folder: string): Promise<Loaded> {
  const world = new World();
  const { logger, warnings } = newLog();
  try {
    await recover(folder, world, logger);
    return { state: stateOf(world), warnings };
  } catch (error) {
    return { refused: error as Error, warnings };
  }
}

const filesOf = (folder: string) =>
  readdirSync(folder)
    .filter(name => /^(journal|snapshot|closed)/.test(name))
    .sort();
/** Of all files but one. */
const contentOf = (folder: string, but?: string) =>
  JSON.stringify(
    filesOf(folder).map(name => [
      name,
      name === but ? "" : readFileSync(join(folder, name)).toString("latin1"),
    ]),
  );

/** Two generations with an application from each. `crashed`: without the note of an orderly end. */
async function makeStore(crashed: boolean): Promise<string> {
  const dataDir = join(temporaryFolder(), "data");
  for (const name of ["a", "b"]) {
    const server = await startTestServer({ dataDir, times: { start: 1 } });
    const { resource_uri } = await server.create({ image: "me/x", name });
    await until(async () => {
      await server.clock.advance(10);
      return (await server.get(resource_uri)).state === "Running";
    });
    await server.close();
  }
  if (crashed) rmSync(join(dataDir, "closed"));
  return dataDir;
}

/** The states that the store has gone through in its last journal, oldest first. */
function history(folder: string): string[] {
  const world = new World();
  const apply = ({ applications, containers }: Collections<Kept>) => {
    for (const record of applications ?? []) world.putApplication(record);
    for (const record of containers ?? []) world.putContainer(record);
  };
  const states: string[] = [];
  for (const file of ["journal-1", "journal-2"]) {
    for (const line of splitLines(readFileSync(join(folder, file))).lines) {
      const entry = decodeLine(line) as { n?: number; change: Collections<Kept> };
      if (entry.n === undefined) continue;
      apply(entry.change);
      states.push(stateOf(world));
    }
  }
  return states;
}

type Damage = (whole: Buffer, at: number) => Buffer;

/** Each of the eight bits, in turn. */
const flip: Damage = (whole, at) => {
  const damaged = Buffer.from(whole);
  damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
  return damaged;
};
const cut: Damage = (whole, at) => whole.subarray(0, at);

interface Tally {
  same: number;
  earlier: number;
  refused: number;
}

/** Damages every byte of every file in turn. `mayBeEarlier`: only the last journal, cut where a crash could cut it. */
async function damageEverything(folder: string, damage: Damage, mayBeEarlier: boolean): Promise<Tally> {
  const states = history(folder);
  const whole = states.at(-1) as string;
  expect((await load(folder)).state).toBe(whole);
  const tally: Tally = { same: 0, earlier: 0, refused: 0 };
  for (const name of filesOf(folder)) {
    const file = join(folder, name);
    const bytes = readFileSync(file);
    const others = contentOf(folder, name);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = damage(bytes, at);
      writeFileSync(file, damaged);
      const loaded = await load(folder);
      const where = `${name} at ${at} of ${bytes.length}`;
      const outcome = judge(loaded, states, name, damaged, mayBeEarlier);
      if (typeof outcome !== "string") throw new Error(`${where}: ${JSON.stringify(outcome)}`);
      tally[outcome]++;
      if (
        outcome === "refused" &&
        !(readFileSync(file).equals(damaged) && contentOf(folder, name) === others)
      ) {
        throw new Error(`${where}: refused, and changed`);
      }
    }
    writeFileSync(file, bytes);
  }
  return tally;
}

/** How it ended, or what is wrong with that. */
function judge(
  { state, refused, warnings }: Loaded,
  states: string[],
  name: string,
  damaged: Buffer,
  mayBeEarlier: boolean,
): keyof Tally | object {
  if (refused) return refused instanceof UserError && REFUSED.test(refused.message) ? "refused" : { refused };
  if (state === states.at(-1)) {
    // The previous generation is not read, and its files may be in any condition. Anything else is noticed.
    const isNoticed = name.endsWith("-1") || warnings.length === 1;
    return isNoticed ? "same" : { warnings };
  }
  const isPrefix = mayBeEarlier && name === "journal-2" && states.includes(state as string);
  const isTorn = damaged.at(-1) !== 10;
  const isToldSo =
    warnings.join() === (isTorn ? "dropped an unfinished change at the end of the journal" : "");
  return isPrefix && isToldSo ? "earlier" : { state, warnings };
}

const report: string[] = [];
afterAll(() => process.stderr.write(`corruption: ${report.join("; ")}\n`));

test.each([
  ["a bit flipped", flip, false],
  ["the end cut off", cut, false],
])(
  "after an orderly end, %s at any byte: all is there, or the start is refused",
  async (name, damage, mayBeEarlier) => {
    const tally = await damageEverything(await makeStore(false), damage, mayBeEarlier);
    expect(tally.earlier).toBe(0);
    report.push(`closed, ${name}: ${tally.same} the same, ${tally.refused} refused`);
  },
  120_000,
);

test.each([
  ["a bit flipped", flip, false],
  ["the end cut off", cut, true],
])(
  "after a crash, %s at any byte: all is there, or the last journal's end is missing as a crash leaves it, or the start is refused",
  async (name, damage, mayBeEarlier) => {
    const tally = await damageEverything(await makeStore(true), damage, mayBeEarlier);
    report.push(
      `crashed, ${name}: ${tally.same} the same, ${tally.earlier} earlier, ${tally.refused} refused`,
    );
  },
  120_000,
);

test("a whole line taken out of any journal is noticed", async () => {
  const folder = await makeStore(false);
  for (const name of ["journal-1", "journal-2"]) {
    const file = join(folder, name);
    const text = readFileSync(file, "utf8");
    const lines = text.split("\n").slice(0, -1);
    // Without its snapshot the second generation builds on the first.
    rmSync(join(folder, "snapshot-2"), { force: true });
    // Without its first line the first journal is as the first version wrote it: nothing is lost.
    for (let missing = name === "journal-1" ? 1 : 0; missing < lines.length; missing++) {
      writeFileSync(
        file,
        lines
          .filter((_, index) => index !== missing)
          .map(line => `${line}\n`)
          .join(""),
      );
      expect([name, missing, (await load(folder)).refused?.message]).toEqual([
        name,
        missing,
        expect.stringMatching(REFUSED),
      ]);
    }
    writeFileSync(file, text);
  }
});

test("a journal that has lost its end is noticed, also when nothing was changed after it", async () => {
  const folder = await makeStore(true);
  const whole = history(folder).at(-1);
  await (await startTestServer({ dataDir: folder })).close();
  // As after a crash in the third generation, with its snapshot damaged.
  rmSync(join(folder, "closed"));
  rmSync(join(folder, "snapshot-3"));
  expect((await load(folder)).state).toBe(whole);
  const text = readFileSync(join(folder, "journal-2"), "utf8");
  writeFileSync(join(folder, "journal-2"), text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1));
  expect((await load(folder)).refused?.message).toMatch(
    /journal-3: it follows change \d+, and what is there/,
  );
});

test("a missing file is noticed, or made up for", async () => {
  const folder = await makeStore(false);
  const whole = (await load(folder)).state;
  for (const name of filesOf(folder)) {
    const copy = join(temporaryFolder(), "copy");
    cpSync(folder, copy, { recursive: true });
    rmSync(join(copy, name));
    const { state, refused } = await load(copy);
    if (name === "journal-2") expect(refused?.message).toMatch("journal-2 is missing");
    else expect([name, state]).toEqual([name, whole]);
  }
});

test("what a newer version wrote is not touched, and its older generation is not used instead", async () => {
  const folder = await makeStore(false);
  for (const name of ["snapshot-2", "journal-2"]) {
    const file = join(folder, name);
    const bytes = readFileSync(file);
    const [first, ...others] = bytes.toString().split("\n");
    const header = decodeLine(Buffer.from(first as string)) as object;
    writeFileSync(file, [encodeLine({ ...header, format: 3 }).trim(), ...others].join("\n"));
    const before = contentOf(folder);
    expect((await load(folder)).refused?.message).toBe(
      `the data in ${folder} cannot be read (${name}: it was written by a newer version (format 3)); nothing was changed. Start the version of tutum-server that wrote it.`,
    );
    expect(contentOf(folder)).toBe(before);
    writeFileSync(file, bytes);
  }
});

test("while the journal grows through many generations, every state can be loaded, and old files go", async () => {
  const folder = join(temporaryFolder(), "data");
  mkdirSync(folder);
  const world = new World();
  const storage = await openJournalStorage(folder, world, newLog().logger, { snapshotBytes: 2_000 });
  const sample = ((await sampleApplication()) as { applications: object[] }).applications[0] as {
    uuid: string;
  };
  for (let n = 0; n < 300; n++) {
    const record = {
      ...sample,
      uuid: `uuid-${n % 40}`,
      name: `n${n % 40}`,
      uniqueName: `n${n % 40}`,
      target: n,
    } as never;
    world.putApplication(record);
    await storage.append({ put: { applications: [record] }, deleted: [] });
    if (n % 10 === 0) expect((await load(folder)).state).toBe(stateOf(world));
  }
  await storage.close();
  expect((await load(folder)).state).toBe(stateOf(world));
  const kinds = (kind: string) => filesOf(folder).filter(name => name.startsWith(kind));
  expect(Number(kinds("snapshot").at(-1)?.slice(9))).toBeGreaterThan(5);
  expect([kinds("snapshot").length, kinds("journal").length]).toEqual([2, expect.any(Number)]);
  expect(kinds("journal").length).toBeLessThanOrEqual(3);
});

async function sampleApplication(): Promise<object> {
  const folder = await makeStore(true);
  const { lines } = splitLines(readFileSync(join(folder, "journal-1")));
  return (decodeLine(lines[1] as Buffer) as { change: object }).change;
}

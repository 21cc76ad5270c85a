import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { createManualClock, type ManualClock } from "../../server/index";
import { until } from "../until";
import { nameOf, type Run, Stack, type StateResource } from "./stack";
import { succeeded } from "./step";

jest.setTimeout(300_000);

/** Milliseconds in which a command of a busy machine has started its program and its provider. */
const PATIENCE = 100_000;
const ROOT = resolve(__dirname, "../..");

/** The server's clock stands still, and the note dries when it is told to: both wait as long as a test wants. */
describe("an application and another kind of resource in one provider process", () => {
  let clock: ManualClock;
  let stack: Stack;
  let notes: string;
  beforeEach(async () => {
    clock = createManualClock();
    stack = await Stack.create("test/engine/programs/two-kinds", { clock });
    notes = join(stack.folder, "notes");
    mkdirSync(notes);
    stack.env.NOTES = notes;
    await stack.config("tutum:owner", "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10");
  });
  afterEach(() => stack.dispose());

  const declare = (changes: Record<string, string>) => {
    stack.env.TWO_KINDS = JSON.stringify(changes);
  };
  const written = () => readdirSync(notes).filter(name => name.endsWith(".json"));
  const dry = () => writeFileSync(join(notes, "dry"), "");
  /** An up whose resources both wait, as the display says on the row of each. */
  const waiting = async () => {
    rmSync(join(notes, "dry"), { force: true });
    const up = stack.begin(["up", "--yes", "--skip-preview"]);
    await until(
      () => /db (creat|updat)ing .* db is /.test(up.output()),
      "the application tells what it does",
      PATIENCE,
    );
    await until(
      () => /draft (creat|updat)ing .* draft on \w+ is drying/.test(up.output()),
      "so does the note",
      PATIENCE,
    );
    return up;
  };
  const goesOn = async () => {
    dry();
    await clock.advance(600_000);
  };
  const resources = async () => {
    const { text, pending } = await stack.exported();
    const all = (JSON.parse(text) as { deployment: { resources: StateResource[] } }).deployment.resources;
    const own = all.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"));
    return { pending, byName: Object.fromEntries(own.map(resource => [nameOf(resource.urn), resource])) };
  };
  /** Steps of both kinds, as `update draft`. */
  const steps = ({ events }: Run) =>
    events
      .flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? [])
      .filter(({ op, type }) => type.startsWith("pulumi-nodejs:dynamic/") && op !== "same")
      .map(({ op, urn }) => `${op} ${nameOf(urn)}`);

  test("are created, read, updated, replaced and deleted, each with its own lines", async () => {
    const up = await waiting();
    await goesOn();
    expect(steps(succeeded(await up.done)).sort()).toEqual(["create db", "create draft"]);
    // Each kind was told that the run ended in peace.
    expect(existsSync(join(notes, "ended"))).toBe(true);
    expect(readFileSync(intentFile(stack.folder), "utf8")).toContain('"kept"');

    writeFileSync(
      join(notes, "draft on white.json"),
      JSON.stringify({ name: "draft", text: "by hand", paper: "white" }),
    );
    succeeded(await stack.refresh());
    expect((await resources()).byName.draft?.outputs.text).toBe("by hand");
    expect((await stack.preview()).output).toMatch(/draft .*update/);

    declare({ containers: "2", text: "second" });
    const updating = await waiting();
    await goesOn();
    expect(steps(succeeded(await updating.done)).sort()).toEqual(["update db", "update draft"]);
    expect((await stack.alive()).map(one => one.target_num_containers)).toEqual([2]);

    declare({ containers: "2", text: "second", paper: "blue" });
    const replaced = steps(succeeded(await stack.up()));
    // The kind says so, with what `deleteBeforeReplace` of its diff is for.
    expect(replaced.indexOf("delete-replaced draft")).toBe(0);
    expect(replaced).toContain("create-replacement draft");
    expect(written()).toEqual(["draft on blue.json"]);

    const destroying = stack.begin(["destroy", "--yes", "--skip-preview"]);
    await until(
      () => stack.server.requests.some(({ method }) => method === "DELETE"),
      "the application is deleted",
    );
    await goesOn();
    succeeded(await destroying.done);
    expect({ notes: written(), alive: await stack.alive() }).toEqual({ notes: [], alive: [] });
  });

  test.each([
    ["one copy of the package", 1],
    ["two copies", 2],
  ])(
    "from %s: the first Ctrl-C ends the waiting of both, and the next up goes on with the same two",
    async (_from, copies) => {
      if (copies === 2) stack.env.NOTE_PACKAGE = copyOfPackage(stack.folder);
      const up = await waiting();
      up.kill("SIGINT");
      const { code, output } = await up.done;
      expect(code).not.toBe(0);
      expect(
        output.match(/The run was cancelled while waiting; the next `pulumi up` goes on\./g)?.length,
      ).toBeGreaterThan(1);
      const { pending, byName } = await resources();
      expect(pending).toEqual([]);
      expect([byName.db?.initErrors, byName.draft?.initErrors]).toEqual([
        [expect.stringContaining("cancelled")],
        [expect.stringContaining("cancelled")],
      ]);
      await goesOn();
      const next = succeeded(await stack.up());
      expect(steps(next).sort()).toEqual(["update db", "update draft"]);
      expect(next.mutations).toEqual([]);
    },
  );

  test("a process whose CLI was killed ends by itself, and the next up finds what both had begun", async () => {
    const up = await waiting();
    up.kill("SIGKILL");
    await up.done;
    await until(() => stack.providerHosts().length === 0, "the provider process ends by itself");
    await stack.run(["cancel", "--yes"]);
    await goesOn();
    const next = succeeded(await stack.up());
    expect(steps(next).sort()).toEqual(["create db", "create draft"]);
    expect(next.output).toContain("draft on white is there already");
    expect(next.output).toMatch(/took over application db/);
    expect(next.mutations).toEqual([]);
  });
});

/** As from the `node_modules` of another folder: the same files, and for Node other modules. */
function copyOfPackage(folder: string): string {
  const copy = join(folder, "copy");
  cpSync(join(ROOT, "dist"), join(copy, "dist"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(copy, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** What this machine remembers of the one creation. */
function intentFile(folder: string): string {
  const creations = join(folder, ".local/state/pulumi-tutum/creations");
  const [file = ""] = readdirSync(creations, { recursive: true, encoding: "utf8" }).filter(name =>
    name.includes("."),
  );
  return join(creations, file);
}

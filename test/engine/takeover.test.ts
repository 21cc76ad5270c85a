import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { declare, hello, urnOf } from "./declarations";
import { Stack } from "./stack";
import { emptied, step, succeeded } from "./step";

jest.setTimeout(300_000);

const IDENTITY = "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10";
const POST = { method: "POST", path: "/api/v1/application/" };
const STOPPED =
  /Creating application "(web|db)" stopped, and nothing was changed: there is application \1 \(\S+\), deployed on \S+ at \S+ UTC, with the mark of this resource/;

/** Whose application it is, when several states have the same identity: what a run takes over, and what it asks. */
describe("a creation takes over only what an interrupted run of this very state left", () => {
  let stack: Stack;
  const others: Stack[] = [];
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    await stack.config("tutum:owner", IDENTITY);
  });
  afterEach(async () => {
    for (const other of others.splice(0)) await other.dispose();
    await stack.dispose();
  });

  const alive = async () => (await stack.alive()).map(({ uuid }) => uuid).sort();
  /** Another backend with the same committed configuration: a colleague's clone, on their machine. */
  const colleague = async () => {
    const other = await stack.namesake();
    others.push(other);
    await other.config("tutum:owner", IDENTITY);
    other.env.DECLARATIONS = stack.env.DECLARATIONS;
    return other;
  };
  /** A first run whose provider is killed after the server has created the application, and before anyone heard of it. */
  const killedRun = async (on: Stack = stack) => {
    const before = (await alive()).length;
    stack.server.faults.add({ ...POST, hold: "after" });
    const run = on.up();
    while ((await alive()).length === before) await new Promise(setImmediate);
    on.killProviderHost();
    expect((await run).code).not.toBe(0);
    stack.server.faults.clear();
  };
  /** What an `up` that asks did: nothing. */
  const asked = async (on: Stack = stack) => {
    const before = await alive();
    const run = await on.up();
    expect({ stopped: run.code !== 0, mutations: run.mutations }).toEqual({ stopped: true, mutations: [] });
    expect(run.output).toMatch(STOPPED);
    expect(run.output).not.toMatch(/terminate/i);
    expect(await alive()).toEqual(before);
    return run.output;
  };

  test("same machine, first run killed: taken over, and said", async () => {
    declare(stack, hello("web"));
    await killedRun();
    expect(await stack.ids()).toEqual({});
    const [left] = await alive();
    const run = succeeded(await stack.up());
    expect(run.mutations).toEqual([]);
    expect(run.output).toMatch(
      /took over application web \(\S+\), which an interrupted run of this stack began to create on \S+ at \S+ UTC/,
    );
    expect(await stack.ids()).toEqual({ web: left });
    await emptied(stack);
  });

  test("same machine, first run killed, another image by now: what it left is removed, and said", async () => {
    declare(stack, hello("web"));
    await killedRun();
    declare(stack, { name: "web", args: { image: "tutum/nginx" } });
    const run = await step(stack);
    expect(run.mutations.map(({ method }) => method)).toEqual(["DELETE", "POST"]);
    expect(run.output).toMatch(
      /removed application web \(\S+\), which an interrupted run of this stack began to create/,
    );
    expect(await alive()).toEqual(Object.values(await stack.ids()));
    await emptied(stack);
  });

  test("another machine, first run killed on the first: it stops with the choice, and each way out works", async () => {
    declare(stack, hello("web"));
    await killedRun();
    const [left] = await alive();
    const home = stack.env.HOME;
    stack.env.HOME = join(stack.folder, "runner");
    mkdirSync(stack.env.HOME);
    const told = await asked();

    // "It is another state's": an identity of its own.
    expect(told).toContain("pulumi config set tutum:owner");
    const [, mine] = /adopt: "(\S+)"/.exec(told) ?? [];
    expect(mine).toBe(left);
    await stack.config("tutum:owner", "another-identity");
    succeeded(await stack.up());
    expect(await stack.sent(await stack.destroy())).toEqual(["DELETE web-2"]);
    expect(await alive()).toEqual([left]);

    // "It belongs to this stack": adopted in one line, which may go then.
    await stack.config("tutum:owner", IDENTITY);
    declare(stack, hello("web", { adopt: mine }));
    expect(succeeded(await stack.up()).mutations).toEqual([]);
    declare(stack, hello("web"));
    succeeded(await stack.preview("--expect-no-changes"));
    // The first machine sees that a state has it now, and is asked no more.
    stack.env.HOME = home;
    succeeded(await stack.preview("--expect-no-changes"));
    await emptied(stack);
  });

  test.each(["another machine", "the same machine"])(
    "another backend on %s beside a living state: it stops; the team's application is theirs, also after its destroy",
    async where => {
      declare(stack, hello("web"));
      succeeded(await stack.up());
      const team = await alive();
      const other = await colleague();
      if (where === "the same machine") other.env.HOME = stack.folder;
      await asked(other);
      succeeded(await other.destroy());
      expect(await alive()).toEqual(team);

      // With an identity of its own it makes its own, and takes that with it.
      await other.config("tutum:owner", "another-identity");
      succeeded(await other.up());
      expect(await alive()).toHaveLength(2);
      succeeded(await other.destroy());
      expect(await alive()).toEqual(team);
      succeeded(await stack.preview("--expect-no-changes"));
    },
  );

  test("another backend with another image beside a living state: it makes its own, and advises nothing dangerous", async () => {
    declare(stack, hello("web"));
    succeeded(await stack.up());
    const team = await alive();
    const other = await colleague();
    declare(other, { name: "web", args: { image: "tutum/nginx" } });
    const run = succeeded(await other.up());
    expect(run.output).toMatch(
      /carries the mark of this resource and is not what is declared\. .* it stays as it is/,
    );
    expect(run.output).not.toMatch(/terminate/i);
    succeeded(await other.destroy());
    expect(await alive()).toEqual(team);
  });

  test.each(["another machine", "the same machine"])(
    "another backend on %s after a run of the living state was killed: what that left is not for others, either",
    async where => {
      declare(stack, hello("web"));
      await killedRun();
      const other = await colleague();
      if (where === "the same machine") other.env.HOME = stack.folder;
      await asked(other);
      expect(succeeded(await stack.up()).mutations).toEqual([]);
      expect(await alive()).toEqual(Object.values(await stack.ids()));
    },
  );

  /** `db` is in the checkpoint, and the provider is killed while the server creates `web`. */
  const killedAfterCheckpoint = async () => {
    declare(stack, hello("db"), hello("web", {}, { links: ["db"] }));
    stack.server.faults.add({ ...POST, times: 1 });
    stack.server.faults.add({ ...POST, hold: "after" });
    const run = stack.up();
    while ((await alive()).length < 2) await new Promise(setImmediate);
    stack.killProviderHost();
    expect((await run).code).not.toBe(0);
    stack.server.faults.clear();
    const { db = "" } = await stack.ids();
    return { db, web: (await alive()).find(uuid => uuid !== db) };
  };
  const removedAndMadeAnew = async () => {
    succeeded(await stack.run(["stack", "rm", "--force", "--yes", "--preserve-config", "test"]));
    succeeded(await stack.run(["stack", "init", "test"]));
  };

  test.each(["another machine", "the same machine"])(
    "the state moves to another backend on %s after a kill: what it has is neither taken over nor removed by a stack made anew",
    async where => {
      const { db, web } = await killedAfterCheckpoint();
      const saved = (await stack.exported()).text;
      const other = await colleague();
      if (where === "the same machine") other.env.HOME = stack.folder;
      await other.importState(() => saved);
      await removedAndMadeAnew();

      // As it was declared: it asks.
      const told = (await asked()) as string;
      expect(told).toContain(
        "A run of this stack that was interrupted made it, and Pulumi may have saved it",
      );
      expect(told).toContain(`adopt: "${db}"`);

      // With another image: it makes its own, and names the other one. What no state can have is its own.
      const nginx = { image: "tutum/nginx" };
      declare(stack, { name: "db", args: nginx }, { name: "web", args: nginx });
      const run = succeeded(await stack.up());
      expect((await stack.sent(run)).sort()).toEqual(["DELETE web", "POST db", "POST web"]);
      expect(run.output).toMatch(new RegExp(`application db \\(${db}\\).*another state may`, "i"));
      expect(run.output).not.toMatch(/terminate/i);
      expect(await alive()).not.toContain(web);
      succeeded(await stack.preview("--expect-no-changes"));
      succeeded(await stack.destroy());
      expect(await alive()).toEqual([db]);
      expect(await other.ids()).toEqual({ db });
      declare(other, hello("db"));
      succeeded(await other.preview("--expect-no-changes"));
    },
  );

  test("the state loses by hand what a run saved before it was killed: it asks, and adopting takes it back", async () => {
    const { db } = await killedAfterCheckpoint();
    succeeded(await stack.run(["state", "delete", "--yes", "--force", urnOf("db")]));
    expect(await asked()).toContain(`adopt: "${db}"`);
    declare(stack, hello("db", { adopt: db }), hello("web", {}, { links: ["db"] }));
    expect(succeeded(await stack.up()).mutations).toEqual([]);
    await emptied(stack);
  });

  test("an older state is restored beside the living one: it stops where that has more", async () => {
    declare(stack, hello("db"));
    succeeded(await stack.up());
    const older = (await stack.exported()).text;
    declare(stack, hello("db"), hello("web"));
    succeeded(await stack.up());
    const team = await alive();

    const restored = await colleague();
    await restored.importState(() => older);
    await asked(restored);
    expect(await alive()).toEqual(team);
    succeeded(await stack.preview("--expect-no-changes"));
  });

  test("an older state is in use again after a replacement: what that had made is named", async () => {
    declare(stack, hello("web"));
    succeeded(await stack.up());
    const older = (await stack.exported()).text;
    declare(stack, { name: "web", args: { image: "tutum/nginx" } });
    succeeded(await stack.up());
    const [newer = ""] = await alive();
    await stack.importState(() => older);
    const run = succeeded(await stack.up());
    expect(run.output).toContain(`application web-2 (${newer})`);
    expect(run.output).toContain("was made by this stack, and the state has another one in its place");

    // The way out: a resource that adopts it.
    const [, uuid] = /adopt: "(\S+)"/.exec(run.output) ?? [];
    declare(
      stack,
      { name: "web", args: { image: "tutum/nginx" } },
      { name: "old", args: { name: "web", image: "tutum/nginx", adopt: uuid } },
    );
    expect(succeeded(await stack.up()).mutations).toEqual([]);
    declare(stack, { name: "web", args: { image: "tutum/nginx" } });
    expect(await stack.sent(await step(stack))).toEqual(["DELETE web-2"]);
    await emptied(stack);
  });

  test("`pulumi stack rm` and `init`: what the removed state had is no interrupted creation: it stops", async () => {
    declare(stack, hello("web"));
    succeeded(await stack.up());
    const [mine] = await alive();
    succeeded(await stack.run(["stack", "rm", "--force", "--yes", "--preserve-config", "test"]));
    succeeded(await stack.run(["stack", "init", "test"]));
    await asked();
    declare(stack, hello("web", { adopt: mine }));
    expect(succeeded(await stack.up()).mutations).toEqual([]);
    expect(await stack.ids()).toEqual({ web: mine });
    await emptied(stack);
  });

  test("`pulumi state delete`: the same", async () => {
    declare(stack, hello("web"));
    succeeded(await stack.up());
    succeeded(await stack.run(["state", "delete", "--yes", "--force", urnOf("web")]));
    await asked();
  });

  test("what `retainOnDelete` kept is no interrupted creation: a replacement back to it makes a new application", async () => {
    const retained = { retainOnDelete: true };
    const replaced: string[] = [];
    for (const image of ["tutum/hello-world", "tutum/nginx", "tutum/hello-world"]) {
      declare(stack, { name: "web", args: { image }, options: retained });
      const run = succeeded(await stack.up());
      for (const kept of replaced.slice(0, -1)) expect(run.output).toContain(`(${kept})`);
      replaced.push((await stack.ids()).web ?? "");
    }
    expect(new Set(replaced).size).toBe(3);
    expect(await alive()).toEqual(replaced.sort());
  });

  test("a folder for state that cannot be written: it is said, and nothing else changes", async () => {
    // Not even root makes a folder under a file.
    stack.env.XDG_STATE_HOME = join(stack.folder, "program", "Pulumi.yaml");
    declare(stack, hello("web"), hello("db"));
    const run = succeeded(await stack.up());
    expect(run.output.match(/^ +warning: what is being created cannot be noted/gm)).toHaveLength(1);
    await emptied(stack);
  });

  test("what is remembered of creations is the user's alone, and goes with the application", async () => {
    declare(stack, hello("web"));
    succeeded(await stack.up());
    const folder = join(stack.folder, ".local/state/pulumi-tutum/creations");
    expect(readdirSync(folder)).toHaveLength(1);
    await emptied(stack);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("no application is left over", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    await stack.config("tutum:owner", IDENTITY);
    declare(stack, hello("web", { triggers: [1] }));
    succeeded(await stack.up());
    declare(stack, hello("web", { triggers: [2] }));
    stack.server.faults.add({ ...POST, hold: "after" });
    const run = stack.up();
    while ((await stack.alive()).length === 1) await new Promise(setImmediate);
    stack.killProviderHost();
    expect((await run).code).not.toBe(0);
    stack.server.faults.clear();
  });
  afterEach(() => stack.dispose());

  test("a replacement is killed, and the program takes it back: the preview says so, and `up` removes what it left", async () => {
    declare(stack, hello("web", { triggers: [1] }));
    const before = await stack.ids();
    const preview = succeeded(await stack.preview());
    expect([preview.steps, preview.requests]).toEqual([["update web"], []]);
    expect(preview.output).toContain("an interrupted run began to replace it");
    const run = await step(stack);
    expect(await stack.sent(run)).toEqual(["DELETE web-2"]);
    expect(run.output).toMatch(/removed application web-2 \(\S+\), which an interrupted run of this stack/);
    expect(await stack.ids()).toEqual(before);
    await emptied(stack);
  });

  test("a replacement is killed, and goes on: what it left is the new application", async () => {
    const before = await stack.ids();
    const run = await step(stack);
    expect(await stack.sent(run)).toEqual(["DELETE web"]);
    expect((await stack.ids()).web).not.toBe(before.web);
    await emptied(stack);
  });

  test("a replacement is killed, and everything is destroyed: what it left, too", async () => {
    expect((await stack.sent(await emptied(stack))).sort()).toEqual(["DELETE web", "DELETE web-2"]);
  });

  test("a replacement is killed, and the program declares the resource no more: what it left goes with it", async () => {
    declare(stack);
    expect((await stack.sent(await step(stack))).sort()).toEqual(["DELETE web", "DELETE web-2"]);
    expect(await stack.alive()).toEqual([]);
  });
});

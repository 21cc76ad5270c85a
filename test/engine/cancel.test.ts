import { createManualClock, type ManualClock } from "../../server/index";
import { until } from "../until";
import { type RunningCli, Stack } from "./stack";

jest.setTimeout(120_000);

/** The server's clock stands still: what is starting goes on starting for as long as a test wants it to. */
describe("a run that is cut short", () => {
  let clock: ManualClock;
  let stack: Stack;
  beforeEach(async () => {
    clock = createManualClock();
    stack = await Stack.create("test/engine/programs/declared", { clock });
    await stack.config("tutum:owner", "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10");
  });
  afterEach(() => stack.dispose());

  const declare = (...names: string[]) => {
    stack.env.DECLARATIONS = JSON.stringify(
      names.map(name => ({ name, args: { image: "tutum/hello-world" } })),
    );
  };
  /** Uuids of what exists, by name. */
  const alive = async () => Object.fromEntries((await stack.alive()).map(({ name, uuid }) => [name, uuid]));
  const waiting = () =>
    until(
      () => stack.server.requests.some(({ query }) => query.state === "Starting"),
      "the provider asks which applications are still starting",
    );
  /** Goes on with the stack as docs/recovery.md says, with a server that starts what it is told to. */
  const goesOn = async () => {
    await clock.advance(600_000);
    const up = await stack.up();
    expect({ code: up.code, output: up.code === 0 ? "" : up.output }).toEqual({ code: 0, output: "" });
    const clear = (await stack.exported()).pending.length > 0 ? ["--clear-pending-creates"] : [];
    expect((await stack.refresh(...clear)).mutations).toEqual([]);
    expect(await stack.ids()).toEqual(await alive());
    expect((await stack.exported()).pending).toEqual([]);
    expect((await stack.preview()).steps).toEqual([]);
    return up;
  };

  test("the first Ctrl-C ends the waiting, and the next up goes on with the same applications", async () => {
    declare("db", "web");
    const up = stack.begin(["up", "--yes", "--skip-preview"]);
    await waiting();
    up.kill("SIGINT");
    const { code, output } = await up.done;
    expect(code).not.toBe(0);
    expect(output).toContain("The run was cancelled while waiting; the next `pulumi up` goes on.");

    const { applications, pending } = await stack.exported();
    expect(pending).toEqual([]);
    expect(Object.keys(applications).sort()).toEqual(["db", "web"]);
    expect(applications.web?.initErrors).toHaveLength(1);
    const next = await goesOn();
    expect(next.mutations).toEqual([]);
  });

  const killed = async (up: RunningCli) => {
    up.kill("SIGKILL");
    await up.done;
    // What a user does whose run was killed: the lock of the stack is still there.
    await until(() => stack.providerHosts().length === 0, "the provider process ends by itself");
    await stack.run(["cancel", "--yes"]);
  };

  test("a provider process whose CLI was killed ends by itself, and the next up finds what it had begun", async () => {
    declare("db", "web");
    const up = stack.begin(["up", "--yes", "--skip-preview"]);
    await waiting();
    const begun = await alive();
    await killed(up);
    const before = stack.server.requests.length;
    expect((await stack.exported()).pending).toEqual(["creating", "creating"]);
    expect(stack.server.requests).toHaveLength(before);
    const next = await goesOn();
    expect(next.mutations).toEqual([]);
    expect(await alive()).toEqual(begun);
  });
});

import { declare, hello, redeclare, undeclare, urnOf } from "./declarations";
import { type Run, Stack } from "./stack";
import { emptied, step, succeeded } from "./step";

jest.setTimeout(300_000);

describe("resource options that decide what may be removed, and when", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    declare(
      stack,
      hello("kept", { triggers: [1] }, { protect: true }),
      hello("retained", {}, { retainOnDelete: true }),
      hello("replaced", { triggers: [1] }, { retainOnDelete: true }),
      hello("db"),
      hello("web", {}, { dependsOn: ["db"] }),
      hello("sidecar", {}, { deletedWith: "db" }),
    );
  });
  afterAll(() => stack.dispose());

  test("dependsOn: created once the other one runs", async () => {
    const run = await step(stack);
    const { db } = await stack.ids();
    const seen = run.requests.findIndex(({ path }) => path === `/api/v1/application/${db}/`);
    const posted = run.requests.findIndex(({ body }) => (body as { name?: string } | null)?.name === "web");
    // The one look at db itself is the last of its creation: it runs.
    expect(seen).toBeGreaterThan(-1);
    expect(posted).toBeGreaterThan(seen);
  });

  test("protect: no replacement, no removal, no destroy; the application is not touched", async () => {
    const { kept = "" } = await stack.ids();
    const before = await stack.tutum.applications.get(kept);
    const refused = (run: Run) => {
      expect(run.code).not.toBe(0);
      expect(run.output).toMatch(/protect/);
      expect(run.mutations).toEqual([]);
    };
    refused(await stack.destroy("--target", urnOf("kept")));
    redeclare(stack, hello("kept", { triggers: [2] }, { protect: true }));
    refused(await stack.up());
    const declarations = stack.env.DECLARATIONS;
    undeclare(stack, "kept");
    refused(await stack.up());
    expect(await stack.tutum.applications.get(kept)).toEqual(before);

    stack.env.DECLARATIONS = declarations;
    redeclare(stack, hello("kept", { triggers: [1], targetNumContainers: 2 }, { protect: true }));
    expect(await stack.sent(await step(stack))).toEqual(['PATCH kept {"target_num_containers":2}']);
  });

  test("retainOnDelete: what is removed or replaced leaves the state and lives on", async () => {
    undeclare(stack, "retained");
    redeclare(stack, hello("replaced", { triggers: [2] }, { retainOnDelete: true }));
    const run = await step(stack);
    expect(run.steps.sort()).toEqual([
      "create-replacement replaced",
      "delete retained",
      "delete-replaced replaced",
      "replace replaced",
    ]);
    expect(await stack.sent(run)).toEqual(["POST replaced"]);
  });

  test("destroy: dependents first; nothing for what is protected, retained, or deleted with another", async () => {
    const run = succeeded(await stack.destroy("--exclude-protected"));
    expect(await stack.sent(run)).toEqual(["DELETE web", "DELETE db"]);
    expect(Object.keys(await stack.ids())).toEqual(["kept"]);

    succeeded(await stack.run(["state", "unprotect", "--yes", "--all"]));
    const last = await emptied(stack, ["replaced", "replaced-2", "retained", "sidecar"]);
    expect(await stack.sent(last)).toEqual(["DELETE kept"]);
  });
});

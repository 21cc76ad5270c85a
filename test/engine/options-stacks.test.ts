import { randomUUID } from "node:crypto";
import { declare, hello, urnOf } from "./declarations";
import { Stack } from "./stack";
import { emptied, nothingToDo, step, succeeded } from "./step";

jest.setTimeout(300_000);

describe("stacks renamed, resources moved between stacks, stacks of equal names", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    await stack.config("tutum:owner", randomUUID());
  });
  afterEach(() => stack.dispose());

  const args = { name: "web" };
  /** It can still be changed: the mark that it was made with is not what it would be made with now. */
  const patched = async (name: string, options: Record<string, unknown>, containers: number) => {
    declare(stack, hello(name, { ...args, targetNumContainers: containers }, options));
    expect(await stack.sent(await step(stack))).toEqual([
      `PATCH web {"target_num_containers":${containers}}`,
    ]);
  };

  test("`pulumi stack rename`: no request, and it is changed and deleted as before", async () => {
    declare(stack, hello("web", args));
    succeeded(await stack.up());
    const before = await stack.ids();
    succeeded(await stack.run(["stack", "rename", "production"]));
    stack.env.PULUMI_STACK = "production";
    expect((await stack.up()).mutations).toEqual([]);
    expect(await stack.ids()).toEqual(before);
    await patched("web", {}, 2);
    expect(await stack.sent(await emptied(stack))).toEqual(["DELETE web"]);
  });

  test("`pulumi state move`: the other stack changes and deletes it, the first one has forgotten it", async () => {
    declare(stack, hello("web", args), hello("stays"));
    succeeded(await stack.up());
    const { web: uuid } = await stack.ids();
    succeeded(await stack.run(["stack", "init", "other"]));
    stack.env.PULUMI_STACK = "other";
    await stack.config("tutum:owner", randomUUID());
    succeeded(
      await stack.run(["state", "move", "--yes", "--source", "test", "--dest", "other", urnOf("web")]),
    );
    declare(stack, hello("web", args));
    expect((await stack.up()).mutations).toEqual([]);
    expect(await stack.ids()).toEqual({ web: uuid });
    await patched("web", {}, 2);

    stack.env.PULUMI_STACK = "test";
    declare(stack, hello("stays"));
    expect((await stack.preview()).steps).toEqual([]);
    expect(await stack.sent(await emptied(stack, ["web"]))).toEqual(["DELETE stays"]);
    stack.env.PULUMI_STACK = "other";
    expect(await stack.sent(await emptied(stack))).toEqual(["DELETE web"]);
  });

  test("two stacks of one name on one account never meet: neither takes, changes nor deletes the other's", async () => {
    const other = await stack.namesake();
    try {
      await other.config("tutum:owner", randomUUID());
      for (const each of [stack, other]) declare(each, hello("web"));
      expect(await stack.sent(await stack.up())).toEqual(["POST web"]);
      expect(await stack.sent(await other.up())).toEqual(["POST web"]);
      const [mine, theirs] = [await stack.ids(), await other.ids()];
      expect(mine.web).not.toBe(theirs.web);

      // Each is asked about its own alone, and takes it back when it is told to.
      for (const [each, own, foreign] of [
        [other, theirs.web, mine.web],
        [stack, mine.web, theirs.web],
      ] as const) {
        succeeded(await each.run(["state", "delete", "--yes", "--force", urnOf("web")]));
        const stopped = await each.up();
        expect([stopped.code === 0, stopped.mutations]).toEqual([false, []]);
        expect(stopped.output).toContain(`adopt: "${own}"`);
        expect(stopped.output).not.toContain(foreign);
        declare(each, hello("web", { adopt: own }));
        expect(succeeded(await each.up()).mutations).toEqual([]);
      }
      expect([await stack.ids(), await other.ids()]).toEqual([mine, theirs]);

      declare(other, hello("web", { targetNumContainers: 2 }));
      expect(await other.sent(await step(other))).toEqual(['PATCH web-2 {"target_num_containers":2}']);
      expect(await other.sent(await emptied(other, ["web"]))).toEqual(["DELETE web-2"]);
      await nothingToDo(stack);
      expect(await stack.sent(await emptied(stack))).toEqual(["DELETE web"]);
    } finally {
      await other.dispose();
    }
  });
});

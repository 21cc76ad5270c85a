import { randomUUID } from "node:crypto";
import { declare, hello, urnOf } from "./declarations";
import { Stack } from "./stack";
import { emptied, step, succeeded } from "./step";

jest.setTimeout(300_000);

describe("an application stays the same one, whatever its resource is called", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    await stack.config("tutum:owner", randomUUID());
  });
  afterEach(() => stack.dispose());

  const args = { name: "web" };
  const unchanged = async () => {
    expect(succeeded(await stack.up())).toMatchObject({ steps: [], mutations: [] });
  };
  /** It can still be changed: the mark that it was made with is not what it would be made with now. */
  const patched = async (name: string, options: Record<string, unknown>, containers: number) => {
    declare(stack, hello(name, { ...args, targetNumContainers: containers }, options));
    expect(await stack.sent(await step(stack))).toEqual([
      `PATCH web {"target_num_containers":${containers}}`,
    ]);
  };

  test("aliases, a new parent and `pulumi state rename`: no request, and it is changed and deleted as before", async () => {
    declare(stack, hello("web", args));
    succeeded(await stack.up());
    const { web: uuid } = await stack.ids();

    const renamed = { aliases: [{ name: "web" }] };
    declare(stack, hello("site", args, renamed));
    await unchanged();
    expect(await stack.ids()).toEqual({ site: uuid });
    await patched("site", renamed, 2);

    const moved = { parent: "shop", aliases: [urnOf("site")] };
    declare(stack, hello("site", { ...args, targetNumContainers: 2 }, moved));
    await unchanged();
    expect(await stack.ids()).toEqual({ site: uuid });
    await patched("site", moved, 3);

    const child = urnOf("site").replace("pulumi-nodejs", "test:index:Component$pulumi-nodejs");
    succeeded(await stack.run(["state", "rename", "--yes", child, "page"]));
    declare(stack, hello("page", { ...args, targetNumContainers: 3 }, { parent: "shop" }));
    await unchanged();
    expect(await stack.ids()).toEqual({ page: uuid });
    await patched("page", { parent: "shop" }, 1);
    expect(await stack.sent(await emptied(stack))).toEqual(["DELETE web"]);
  });

  test("--replace in a stack with an identity keeps what it cannot tell from an interrupted creation, and warns", async () => {
    declare(stack, hello("web"));
    succeeded(await stack.up());
    const before = await stack.ids();
    const run = await step(stack, "--replace", urnOf("web"));
    expect(run.mutations).toEqual([]);
    expect(run.output).toMatch(/warning: application web \(\S+\) is in use by a resource of this run/);
    expect(await stack.ids()).toEqual(before);
    await emptied(stack);
  });
});

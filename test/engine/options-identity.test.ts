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

  test("a name that is a default stays over an alias, from then on; an explicit one that is dropped does not", async () => {
    declare(stack, hello("db"));
    succeeded(await stack.up());
    const aliases = [{ name: "db" }];
    declare(stack, hello("database", {}, { aliases }));
    await unchanged();
    expect(succeeded(await stack.refresh()).steps).toEqual([]);
    declare(stack, hello("database"));
    await unchanged();
    declare(stack, hello("database", { targetNumContainers: 2 }));
    expect(await stack.sent(await step(stack))).toEqual(['PATCH db {"target_num_containers":2}']);
    declare(stack, { name: "database", args: { image: "tutum/mysql" } });
    expect(await stack.sent(await step(stack))).toEqual(["POST db", "DELETE db"]);
    declare(stack, { name: "database", args: { image: "tutum/mysql", name: "data" } });
    expect(await stack.sent(succeeded(await stack.up()))).toEqual(["POST data", "DELETE db-2"]);
    declare(stack, { name: "database", args: { image: "tutum/mysql" } });
    expect(await stack.sent(succeeded(await stack.up()))).toEqual(["POST database", "DELETE data"]);
    await emptied(stack);
  });

  test("--replace in a stack with an identity stops and says what does it: the engine shows nothing of the old one", async () => {
    declare(stack, hello("web"));
    succeeded(await stack.up());
    const before = await stack.ids();
    const run = await stack.up("--replace", urnOf("web"));
    expect([run.code === 0, run.mutations]).toEqual([false, []]);
    expect(run.output).toContain("It is the one that `--replace` is to replace: change `triggers` instead");
    declare(stack, hello("web", { triggers: [1] }));
    expect(await stack.sent(succeeded(await stack.up()))).toEqual(["POST web", "DELETE web"]);
    expect(await stack.ids()).not.toEqual(before);
  });
});

import { Stack } from "./stack";
import { emptied, step, succeeded } from "./step";

jest.setTimeout(300_000);

describe("an application moves into a component and out of it", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/moving");
  });
  afterAll(() => stack.dispose());

  test("by one alias, without any change on the server", async () => {
    stack.env.WHERE = "outside";
    await step(stack);
    const { web } = await stack.ids();
    stack.env.WHERE = "inside";
    expect((await step(stack)).mutations).toEqual([]);
    expect(await stack.ids()).toMatchObject({ "shop-web": web });

    stack.env.CONTAINERS = "2";
    expect(await stack.sent(await step(stack))).toEqual(['PATCH web {"target_num_containers":2}']);
    stack.env.WHERE = "outside again";
    expect((await step(stack)).mutations).toEqual([]);
    expect(await stack.ids()).toMatchObject({ web });
    await emptied(stack);
  });

  test("under a new key with an alias it keeps the name that it had by default, also when it is replaced later", async () => {
    stack.env.KEY = "web";
    succeeded(await stack.up());
    const { "shop-web": uuid } = await stack.ids();
    stack.env.KEY = "site";
    const renamed = succeeded(await stack.up());
    expect([renamed.steps, renamed.mutations]).toEqual([[], []]);
    expect(await stack.ids()).toMatchObject({ "shop-site": uuid });

    const { unique_name: before } = await stack.tutum.applications.get(uuid as string);
    stack.env.IMAGE = "tutum/nginx";
    expect(await stack.sent(await step(stack))).toEqual(["POST web", `DELETE ${before}`]);
    expect((await stack.exported()).applications["shop-site"]?.inputs).toMatchObject({ name: "web" });
    await emptied(stack);
  });
});

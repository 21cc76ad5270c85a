import { Stack } from "./stack";
import { emptied, step } from "./step";

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
});

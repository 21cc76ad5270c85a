import { Stack } from "../stack";
import { emptied, nothingToDo, succeeded } from "../step";
import { expectReportInReadme } from "./readme";

jest.setTimeout(300_000);

const DOMAIN = "shop.example.com";

describe("examples/blue-green", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("examples/blue-green");
    await stack.config("blueVersion", "1.0");
    await stack.config("greenVersion", "1.0");
  });
  afterAll(() => stack.dispose());

  const outputs = async () => JSON.parse((await stack.run(["stack", "output", "--json"])).stdout) as unknown;
  const domains = async () =>
    Object.fromEntries((await stack.alive()).map(({ name, web_public_dns }) => [name, web_public_dns]));

  test("up creates both, and the domain is the live one's", async () => {
    expect(await stack.sent(succeeded(await stack.up()))).toEqual(["POST shop-blue", "POST shop-green"]);
    expect(await domains()).toEqual({ "shop-blue": DOMAIN, "shop-green": null });
  });

  test("a new version replaces the one that waits, and does not touch the one that serves", async () => {
    const [blue] = (await stack.alive()).filter(({ name }) => name === "shop-blue");
    await stack.config("greenVersion", "1.1");
    const run = succeeded(await stack.up());
    expect(await stack.sent(run)).toEqual(["POST shop-green", "DELETE shop-green"]);
    const green = (await stack.alive()).find(({ name }) => name === "shop-green");
    expect(green?.image_tag).toContain("/tag/1.1/");
    expect(await stack.alive()).toContainEqual(blue);
    expect(await outputs()).toEqual({ url: `http://${DOMAIN}`, tryout: `http://${green?.public_dns}` });
  });

  test("the domain moves by two PATCHes, first to the new one", async () => {
    await stack.config("live", "green");
    const preview = succeeded(await stack.preview("--json"));
    expect(preview.steps.sort()).toEqual(["update blue", "update green"]);
    expectReportInReadme("blue-green", preview);
    expect(await stack.sent(succeeded(await stack.up()))).toEqual([
      `PATCH shop-green-2 {"web_public_dns":"${DOMAIN}"}`,
      'PATCH shop-blue {"web_public_dns":""}',
    ]);
  });

  test("and back again", async () => {
    await stack.config("live", "blue");
    expect(await stack.sent(succeeded(await stack.up()))).toEqual([
      `PATCH shop-blue {"web_public_dns":"${DOMAIN}"}`,
      'PATCH shop-green-2 {"web_public_dns":""}',
    ]);
    expect(await domains()).toEqual({ "shop-blue": DOMAIN, "shop-green": null });
  });

  test("a colour that does not exist is refused by name", async () => {
    await stack.config("live", "red");
    const run = await stack.preview();
    expect(run.code).not.toBe(0);
    expect(run.output).toContain('live is "red": it must be blue or green.');
    await stack.config("live", "blue");
  });

  test("after all that nothing is left to do, and destroy leaves nothing", async () => {
    await nothingToDo(stack);
    await emptied(stack);
  });
});

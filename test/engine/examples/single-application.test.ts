import { Stack } from "../stack";
import { emptied, step, succeeded } from "../step";
import { expectReportInReadme } from "./readme";

jest.setTimeout(300_000);

describe("examples/single-application", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("examples/single-application");
  });
  afterAll(() => stack.dispose());

  test("up creates the application and tells its address", async () => {
    expect(await stack.sent(await step(stack))).toEqual(["POST hello"]);
    const { stdout } = await stack.run(["stack", "output", "--json"]);
    const [{ public_dns } = {}] = await stack.alive();
    expect(JSON.parse(stdout)).toEqual({ url: `http://${public_dns}`, state: "Running" });
  });

  test("more containers are previewed as an update, and are one PATCH", async () => {
    await stack.config("containers", "3");
    const preview = succeeded(await stack.preview("--json"));
    expect(preview.mutations).toEqual([]);
    expectReportInReadme("single-application", preview);
    expect(await stack.sent(succeeded(await stack.up()))).toEqual([
      'PATCH hello {"target_num_containers":3}',
    ]);
  });

  test("destroy leaves nothing", async () => {
    expect(await stack.sent(await emptied(stack))).toEqual(["DELETE hello"]);
  });
});

import { Stack } from "./stack";
import { succeeded } from "./step";

jest.setTimeout(300_000);

const UNCHANGED = /^ +3 unchanged$/m;

/** The one that `npm run bench` measures ours against must be no straw man. */
describe("bench: the provider that Pulumi's documentation leads to", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("bench/lifecycle/program");
    Object.assign(stack.env, { BENCH_CONTENDER: "documented", BENCH_N: "2", BENCH_SHAPE: "chain" });
  });
  afterAll(() => stack.dispose());

  test("creates linked applications that run", async () => {
    expect(await stack.sent(succeeded(await stack.up()))).toEqual(["POST app-0", "POST app-1"]);
    const made = await stack.alive();
    expect(made.map(({ name, state }) => [name, state]).sort()).toEqual([
      ["app-0", "Running"],
      ["app-1", "Running"],
    ]);
    const linking = made.find(({ name }) => name === "app-1");
    const { container_envvars } = await stack.tutum.containers.get(linking?.containers[0] ?? "");
    const variables = container_envvars.map(({ key, value }) => `${key}=${value}`);
    expect(variables).toEqual(expect.arrayContaining(["NUMBER=1", "MODE=production"]));
    expect(variables).toContainEqual(expect.stringMatching(/^\w+_PORT_80_TCP_ADDR=app-0-1/));
  });

  test("shows no change where there is none, and one PATCH where there is one", async () => {
    expect(succeeded(await stack.preview()).output).toMatch(UNCHANGED);
    stack.env.BENCH_CONTAINERS = "2";
    expect(await stack.sent(succeeded(await stack.up()))).toEqual([
      expect.stringMatching(/^PATCH app-0 \{"target_num_containers":2/),
    ]);
    for (const run of [await stack.refresh(), await stack.preview()]) {
      expect(succeeded(run).output).toMatch(UNCHANGED);
    }
  });

  test("destroys both", async () => {
    expect(await stack.sent(succeeded(await stack.destroy()))).toEqual(["DELETE app-1", "DELETE app-0"]);
    expect(await stack.alive()).toEqual([]);
  });
});

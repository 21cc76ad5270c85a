import { Stack } from "./stack";

jest.setTimeout(120_000);

describe("values that the engine cannot carry, or not well", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/values");
  });
  afterAll(() => stack.dispose());

  const put = (place: string, values: string[]) => {
    stack.env.PLACE = place;
    stack.env.VALUES = JSON.stringify(values);
  };

  test("in triggers they are cleaned: nothing is orphaned, and the next preview is empty", async () => {
    const values = ["undefined", "undefined within", "null", "date", "function", "NaN", "infinity"];
    put("triggers", [...values, "a huge number", "bigint", "a lone surrogate", "a NUL", "map"]);
    const up = await stack.up();
    expect({ code: up.code, output: up.code === 0 ? "" : up.output }).toEqual({ code: 0, output: "" });
    const { applications } = await stack.exported();
    expect(Object.keys(applications)).toHaveLength(12);
    const preview = await stack.preview();
    expect({ code: preview.code, steps: preview.steps }).toEqual({ code: 0, steps: [] });
    const refresh = await stack.refresh();
    expect({ code: refresh.code, mutations: refresh.mutations }).toEqual({ code: 0, mutations: [] });
    const destroy = await stack.destroy();
    expect({ code: destroy.code, deleted: destroy.mutations.length }).toEqual({ code: 0, deleted: 12 });
  });

  test("in environment variables the preview refuses them by name, and shows none of them", async () => {
    put("containerEnvvars", ["null", "date", "NaN", "a huge number", "bigint", "a NUL", "map"]);
    const { output, code } = await stack.preview();
    expect(code).not.toBe(0);
    const reasons = [...output.matchAll(/has a problem: (.*)/g)].map(([, reason]) => reason);
    expect([...new Set(reasons)].sort()).toEqual([
      "containerEnvvars.V0 must be a string, not null",
      "containerEnvvars.V1 must be a string, not an object",
      "containerEnvvars.V2 must be a string, not a number",
      "containerEnvvars.V3 must be a string, not a number",
      "containerEnvvars.V4 must be a string, not an object",
      "containerEnvvars.V5 must not hold a NUL character",
      "containerEnvvars.V6 must be a string, not an object",
    ]);
  });

  test.each(["NaN", "infinity", "a huge number"])("as a number the preview refuses %s", async value => {
    put("targetNumContainers", [value]);
    const { output, code } = await stack.preview();
    expect(code).not.toBe(0);
    expect(output).toContain("targetNumContainers must be a whole number from 1 to 100");
  });
});

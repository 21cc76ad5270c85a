import { truncateSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "../engine/stack";
import { deleteEmptyAttributes } from "./six-applications";

jest.setTimeout(60_000);

/** Pulumi writes `STACK.json.attrs` in place and before it moves the new state to where it belongs. */
test("a state whose .attrs a killed CLI left empty is whole again without that file", async () => {
  const stack = await Stack.create("test/engine/programs/declared");
  try {
    stack.env.DECLARATIONS = JSON.stringify([{ name: "web", args: { image: "tutum/hello-world" } }]);
    expect((await stack.up()).steps).toEqual(["create web"]);
    truncateSync(join(stack.folder, "state/.pulumi/stacks/declared/test.json.attrs"));
    expect((await stack.preview()).output).toContain("failed to load checkpoint: EOF");
    deleteEmptyAttributes(stack);
    const preview = await stack.preview();
    expect({ code: preview.code, steps: preview.steps }).toEqual({ code: 0, steps: [] });
  } finally {
    await stack.dispose();
  }
});

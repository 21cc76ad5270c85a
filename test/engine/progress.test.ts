import { declare, hello, redeclare } from "./declarations";
import { Stack } from "./stack";
import { succeeded } from "./step";

jest.setTimeout(300_000);

test("no line of what is done still says what was under way; in a diff the lines have a name", async () => {
  const times = { start: 1_500, stop: 100, scale: 100, terminate: 1_500, exit: 1 };
  const stack = await Stack.create("test/engine/programs/declared", { times });
  try {
    declare(stack, hello("db"));
    const created = succeeded(await stack.up());
    expect(created.output).toMatch(/db creating .* db is Starting: 0 of 1 container running/);
    redeclare(stack, hello("db", { triggers: [1] }));
    const replaced = succeeded(await stack.up("--diff"));
    expect(replaced.output).toMatch(/^ *db-2 is Starting: 0 of 1 container running$/m);
    const deleted = succeeded(await stack.destroy());
    for (const { output } of [created, deleted]) expect(output).not.toMatch(/(created|deleted) \(.*running/);
  } finally {
    await stack.dispose();
  }
});

import { readPreviews, render, reportOf } from "../../provider/report";
import { Stack } from "./stack";
import { succeeded } from "./step";

jest.setTimeout(300_000);

test("ten previews of one change give ten equal reports, in which no link has another's alias", async () => {
  const stack = await Stack.create("test/engine/programs/stacked");
  try {
    succeeded(await stack.up());
    stack.env.IMAGE = "tutum/hello-world:2";
    const reports = new Set<string>();
    for (let n = 0; n < 10; n++) {
      const { stdout } = succeeded(await stack.preview("--json"));
      reports.add(render(reportOf(readPreviews(stdout, "digest")), { format: "text" }));
    }
    expect([...reports]).toHaveLength(1);
    const [report = ""] = reports;
    for (const name of ["users", "catalog", "orders", "billing"])
      expect(report).toContain(`acme-${name} as ${name}`);
    expect(report).toContain("acme-orders as shop, acme-users as users, recreated");
    // What is the same before and after is said once, without an arrow.
    expect(report).not.toMatch(/linkedToApplication: .*→/);
    await stack.destroy();
  } finally {
    await stack.dispose();
  }
});

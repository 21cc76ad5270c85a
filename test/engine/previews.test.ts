import { nameOf, type Run, Stack } from "./stack";
import { emptied, nothingToDo, step, succeeded } from "./step";

jest.setTimeout(300_000);

describe("previews of arguments that are not known yet", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/unknowns");
  });
  afterAll(() => stack.dispose());

  const DEPENDENTS = [
    "value",
    "record",
    "port",
    "ports",
    "named",
    "sized",
    "counted",
    "alias",
    "linked",
    "links",
  ];
  /** What a preview says of a resource: the properties that differ, and those that make it a replacement. */
  const reasons = (run: Run, name: string) => {
    const { keys, diffs, op } =
      run.events
        .map(event => event.resourcePreEvent?.metadata)
        .find(metadata => metadata && nameOf(metadata.urn) === name && metadata.op !== "same") ?? {};
    return { op, diffs: diffs ?? [], keys: keys ?? [] };
  };

  test("the first preview shows creations with what is known, and passes over what is not", async () => {
    const run = succeeded(await stack.preview("--diff"));
    expect(run.steps.sort()).toEqual(["db", ...DEPENDENTS].map(name => `create ${name}`).sort());
    expect(run.requests).toEqual([]);
    expect(run.output).toMatch(/HOST *: \[unknown\]\s+PORT *: "1"/);
    expect(run.output).toMatch(/containerEnvvars *: \[unknown\]/);
    expect(run.output).toMatch(/containerPorts *: \[unknown\]/);
    expect(run.output).toMatch(/innerPort *: \[unknown\]/);
    expect(run.output).toMatch(/application *: \[unknown\]\s+name *: "db"/);
    expect(run.output).not.toMatch(/04da6b54/);
  });

  test("up finds the values; previews after it are empty", async () => {
    const run = await step(stack);
    expect((await stack.sent(run))[0]).toBe("POST db");
    const bodies = run.mutations.map(({ body }) => body as Record<string, unknown>);
    expect(bodies).toHaveLength(11);
    expect(bodies.find(({ name }) => name === "beside-db")).toBeDefined();
    expect(bodies.find(({ name }) => name === "port")).toMatchObject({
      container_ports: [{ inner_port: 8080, protocol: "tcp" }],
    });
    expect((await stack.containerVariables("value")).HOST).toMatch(/^db/);
    expect(Object.keys(await stack.containerVariables("alias"))).toContain("DATABASE_PORT_3306_TCP_ADDR");
  });

  test("a scaled target: what may change is an update, and nothing linked to it shows at all", async () => {
    stack.env.DB = JSON.stringify({ targetNumContainers: 2 });
    const run = succeeded(await stack.preview("--diff"));
    const uncertain = ["value", "record", "port", "ports", "named", "counted", "alias"];
    expect(run.steps.sort()).toEqual(["db", "sized", ...uncertain].map(name => `update ${name}`).sort());
    expect(reasons(run, "value")).toMatchObject({ diffs: ["containerEnvvars"], keys: [] });
    expect(run.output).toMatch(/targetNumContainers: 1 => 2/);

    const up = await step(stack);
    expect((await stack.sent(up)).sort()).toEqual([
      'PATCH counted {"target_num_containers":2}',
      'PATCH db {"target_num_containers":2}',
      'PATCH sized {"target_num_containers":2}',
    ]);
  });

  test("a replaced target: what is linked to it is replaced for certain, and the preview says because of what", async () => {
    stack.env.DB = JSON.stringify({ targetNumContainers: 2, triggers: [1] });
    const run = succeeded(await stack.preview());
    expect(reasons(run, "db")).toMatchObject({ diffs: ["triggers"], keys: ["triggers"] });
    for (const name of ["linked", "links", "alias"]) {
      expect(reasons(run, name)).toMatchObject({
        diffs: ["linkedToApplication"],
        keys: ["linkedToApplication"],
      });
    }
    expect(run.steps.filter(each => each.startsWith("replace ")).sort()).toEqual([
      "replace alias",
      "replace db",
      "replace linked",
      "replace links",
    ]);
    expect(run.steps.filter(each => each.startsWith("update ")).sort()).toEqual(
      ["value", "record", "port", "ports", "named", "counted"].map(name => `update ${name}`).sort(),
    );
    await stack.up();
    await nothingToDo(stack);
  });

  test("destroy leaves nothing", async () => {
    expect((await emptied(stack)).steps).toHaveLength(11);
  });
});

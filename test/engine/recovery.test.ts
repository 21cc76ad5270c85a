import { Stack } from "./stack";
import { emptied, step, succeeded } from "./step";

jest.setTimeout(300_000);

describe("what failed is kept, and the next up goes on from there", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    await stack.config("tutum:owner", "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10");
  });
  afterEach(() => stack.dispose());

  const declare = (image: string, args: object = {}) => {
    stack.env.DECLARATIONS = JSON.stringify([{ name: "web", args: { image, ...args } }]);
  };
  const alive = async () => (await stack.alive()).map(({ uuid }) => uuid);

  test("an application that exits at its start: kept in the state, with exit code and log, and started again", async () => {
    declare("tutum/exits:3");
    const run = await stack.up();
    expect(run.code).not.toBe(0);
    expect(run.output).toMatch(
      /Application web \(\S+\) is "Stopped with errors" with 0 of 1 containers running/,
    );
    expect(run.output).toMatch(/Container web-1 is "Stopped with errors": Exit code 3/);
    expect(run.output).toContain("the next `pulumi up` starts it again");
    const { id } = (await stack.exported()).applications.web ?? {};
    expect(await alive()).toEqual([id]);

    const again = await stack.up();
    expect(again.mutations.map(request => request.path)).toEqual([`/api/v1/application/${id}/start/`]);

    declare("tutum/hello-world");
    const replaced = await step(stack);
    expect(replaced.steps).toEqual(["create-replacement web", "replace web", "delete-replaced web"]);
    expect(await alive()).toEqual([(await stack.ids()).web]);
    await emptied(stack);
  });

  test("a replacement makes a second application although the first carries the same mark", async () => {
    declare("tutum/hello-world", { triggers: [1] });
    await stack.up();
    declare("tutum/hello-world", { triggers: [2] });
    expect(await stack.sent(await step(stack))).toEqual(["POST web", "DELETE web"]);
    expect(await alive()).toEqual([(await stack.ids()).web]);
    await emptied(stack);
  });

  test("a stranger's application is neither changed nor deleted", async () => {
    declare("tutum/hello-world");
    await stack.up();
    const { id } = (await stack.exported()).applications.web ?? {};
    const stranger = await stack.tutum.waitFor(
      await stack.tutum.applications.create({
        image: "tutum/hello-world",
        name: "web",
        container_ports: [{ inner_port: 80, protocol: "tcp" }],
      }),
      ["Running"],
    );
    await stack.importState(text => text.replaceAll(id ?? "", stranger.uuid));
    declare("tutum/hello-world", { targetNumContainers: 2 });
    for (const run of [await stack.up(), await stack.destroy()]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain("is refused: it carries the mark of another stack or resource");
      expect(run.mutations).toEqual([]);
    }
  });

  test("a program that takes the stack's settings shows no marker among its variables", async () => {
    declare("tutum/hello-world", { containerEnvvars: { A: "1" } });
    await step(stack);
    const { outputs } = (await stack.exported()).applications.web ?? {};
    expect(outputs?.containerEnvvars).toEqual({ A: "1" });
    expect(await stack.containerVariables("web")).toMatchObject({ TUTUM_PULUMI_OWNER: outputs?.owner });
    await emptied(stack);
  });

  const POST = { method: "POST", path: "/api/v1/application/" };

  test("a creation whose answer is lost is found, and not sent twice", async () => {
    stack.server.faults.add({ ...POST, drop: "after", times: 1 });
    declare("tutum/hello-world");
    const run = await step(stack);
    expect(run.mutations.map(request => request.method)).toEqual(["POST"]);
    expect(await alive()).toEqual([(await stack.ids()).web]);
    await emptied(stack);
  });

  test("a provider host that is killed while the answer is on its way leaves nothing that the next up does not find", async () => {
    stack.server.faults.add({ ...POST, hold: "after" });
    declare("tutum/hello-world");
    const run = stack.up();
    while ((await alive()).length === 0) await new Promise(setImmediate);
    stack.killProviderHost();
    expect((await run).code).not.toBe(0);
    stack.server.faults.clear();
    expect((await stack.exported()).applications).toEqual({});

    expect((await step(stack)).mutations).toEqual([]);
    expect(await alive()).toEqual([(await stack.ids()).web]);
    await emptied(stack);
  });

  test("a resource whose creation failed half-way can be refreshed and destroyed at once", async () => {
    declare("tutum/start-fails");
    expect((await stack.up()).code).not.toBe(0);
    succeeded(await stack.refresh());
    await emptied(stack);
  });
});

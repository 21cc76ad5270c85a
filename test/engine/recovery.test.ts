import { TutumClient } from "../../provider/tutum/client";
import { Stack } from "./stack";

jest.setTimeout(120_000);

describe("what failed is kept, and the next up goes on from there", () => {
  let stack: Stack;
  let tutum: TutumClient;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    await stack.config("tutum:owner", "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10");
    const { url, user, apikey } = stack.server;
    tutum = new TutumClient({ endpoint: url, user, apikey, env: {} });
  });
  afterEach(() => stack.dispose());

  const declare = (image: string, args: object = {}) => {
    stack.env.DECLARATIONS = JSON.stringify([{ name: "web", args: { image, ...args } }]);
  };
  const alive = async () => {
    const found: string[] = [];
    for await (const { uuid, state } of tutum.applications.list())
      if (state !== "Terminated") found.push(uuid);
    return found;
  };

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
    const replaced = await stack.up();
    expect({ code: replaced.code, steps: replaced.steps }).toEqual({
      code: 0,
      steps: ["create-replacement web", "replace web", "delete-replaced web"],
    });
    expect(await alive()).toEqual([(await stack.exported()).applications.web?.id]);
    expect((await stack.preview()).steps).toEqual([]);
  });

  test("an application that a killed run left is found by its mark and taken over", async () => {
    declare("tutum/hello-world");
    await stack.up();
    const { id } = (await stack.exported()).applications.web ?? {};
    await stack.run([
      "state",
      "delete",
      "--yes",
      "--force",
      `urn:pulumi:test::declared::pulumi-nodejs:dynamic/tutum:Application::web`,
    ]);
    expect((await stack.exported()).applications).toEqual({});

    const run = await stack.up();
    expect(run.code).toBe(0);
    expect(run.mutations).toEqual([]);
    expect((await stack.exported()).applications.web?.id).toBe(id);
    expect((await stack.preview()).steps).toEqual([]);
    const destroyed = await stack.destroy();
    expect(destroyed.mutations.map(request => request.method)).toEqual(["DELETE"]);
    expect(await alive()).toEqual([]);
  });

  test("a replacement makes a second application although the first carries the same mark", async () => {
    declare("tutum/hello-world", { triggers: [1] });
    await stack.up();
    declare("tutum/hello-world", { triggers: [2] });
    const run = await stack.up();
    expect(run.mutations.map(request => request.method)).toEqual(["POST", "DELETE"]);
    expect(await alive()).toEqual([(await stack.exported()).applications.web?.id]);
  });

  test("a stranger's application is neither changed nor deleted", async () => {
    declare("tutum/hello-world");
    await stack.up();
    const { id } = (await stack.exported()).applications.web ?? {};
    const stranger = await tutum.waitFor(
      await tutum.applications.create({
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
    await stack.up();
    const { outputs } = (await stack.exported()).applications.web ?? {};
    expect(outputs?.containerEnvvars).toEqual({ A: "1" });
    expect(await stack.containerVariables("web")).toMatchObject({ TUTUM_PULUMI_OWNER: outputs?.owner });
  });

  const POST = { method: "POST", path: "/api/v1/application/" };

  test("a creation whose answer is lost is found, and not sent twice", async () => {
    stack.server.faults.add({ ...POST, drop: "after", times: 1 });
    declare("tutum/hello-world");
    const run = await stack.up();
    expect({ code: run.code, output: run.code === 0 ? "" : run.output }).toEqual({ code: 0, output: "" });
    expect(run.mutations.map(request => request.method)).toEqual(["POST"]);
    expect(await alive()).toEqual([(await stack.exported()).applications.web?.id]);
    expect((await stack.preview()).steps).toEqual([]);
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

    const next = await stack.up();
    expect({ code: next.code, output: next.code === 0 ? "" : next.output }).toEqual({ code: 0, output: "" });
    expect(next.mutations).toEqual([]);
    expect(await alive()).toEqual([(await stack.exported()).applications.web?.id]);
    expect((await stack.preview()).steps).toEqual([]);
  });

  test("a resource whose creation failed half-way can be refreshed and destroyed at once", async () => {
    declare("tutum/start-fails");
    expect((await stack.up()).code).not.toBe(0);
    const refresh = await stack.refresh();
    expect({ code: refresh.code, output: refresh.code === 0 ? "" : refresh.output }).toEqual({
      code: 0,
      output: "",
    });
    expect((await stack.destroy()).code).toBe(0);
    expect(await alive()).toEqual([]);
  });
});

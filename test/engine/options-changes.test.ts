import { declare, hello, redeclare, urnOf } from "./declarations";
import { Stack } from "./stack";
import { emptied, step, succeeded } from "./step";

jest.setTimeout(300_000);

describe("resource options that decide what becomes of a change", () => {
  let stack: Stack;

  const fixed = { ignoreChanges: ["targetNumContainers"] };
  const reborn = { replaceOnChanges: ["targetNumContainers"] };
  const first = { deleteBeforeReplace: true };
  const hidden = { additionalSecretOutputs: ["publicDns"] };

  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    declare(
      stack,
      hello("fixed", {}, fixed),
      hello("reborn", {}, reborn),
      hello("first", { triggers: [1] }, first),
      hello("triggered", { triggers: [1] }),
      hello("moved", { containerSize: "XS" }),
      hello("refreshed", {}, { replacementTrigger: 1 }),
      hello("hidden", {}, hidden),
      hello("transformed", {}, { transform: { targetNumContainers: 2 } }),
      hello("targeted"),
      hello("untargeted"),
    );
    await step(stack);
  });
  afterAll(() => stack.dispose());

  const uuidOf = async (name: string) => (await stack.ids())[name] ?? "";
  const containersOf = async (name: string) =>
    (await stack.tutum.applications.get(await uuidOf(name))).target_num_containers;

  test("ignoreChanges: neither the program's change nor one by hand is acted on", async () => {
    redeclare(stack, hello("fixed", { targetNumContainers: 3 }, fixed));
    expect(await stack.sent(await step(stack))).toEqual([]);
    expect(await containersOf("fixed")).toBe(1);

    const scaled = await stack.tutum.applications.update(await uuidOf("fixed"), { target_num_containers: 2 });
    await stack.tutum.settled(scaled);
    succeeded(await stack.refresh());
    expect(await stack.sent(await step(stack))).toEqual([]);
    expect(await containersOf("fixed")).toBe(2);
  });

  test("replaceOnChanges: a field that could be patched replaces, and preview says so", async () => {
    redeclare(stack, hello("reborn", { targetNumContainers: 2 }, reborn));
    expect((await stack.preview()).steps).toContain("replace reborn");
    const run = await step(stack);
    expect(run.steps).toEqual(["create-replacement reborn", "replace reborn", "delete-replaced reborn"]);
    expect(await stack.sent(run)).toEqual(["POST reborn", "DELETE reborn"]);
    expect(await containersOf("reborn")).toBe(2);
  });

  test.each([
    ["triggers", hello("triggered", { triggers: [2] })],
    ["an immutable field", hello("moved", { containerSize: "M" })],
    ["replacementTrigger", hello("refreshed", {}, { replacementTrigger: 2 })],
  ])("%s: the new application is made, then the old one deleted", async (_kind, { name, ...rest }) => {
    const old = await uuidOf(name);
    redeclare(stack, { name, ...rest });
    const run = await step(stack);
    expect(run.steps).toEqual([`create-replacement ${name}`, `replace ${name}`, `delete-replaced ${name}`]);
    expect(await stack.sent(run)).toEqual([`POST ${name}`, `DELETE ${name}`]);
    await onlyTheNewOne(name, old);
  });

  test("--replace: the same, and the one after it", async () => {
    const old = await uuidOf("triggered");
    const run = await step(stack, "--replace", urnOf("triggered"));
    expect(await stack.sent(run)).toEqual(["POST triggered", "DELETE triggered-2"]);
    await onlyTheNewOne("triggered", old);
  });

  test("deleteBeforeReplace: the old one is gone before the new one is made", async () => {
    const old = await uuidOf("first");
    redeclare(stack, hello("first", { triggers: [2] }, first));
    const run = await step(stack);
    expect(run.steps).toEqual(["delete-replaced first", "replace first", "create-replacement first"]);
    expect(run.mutations.map(({ method }) => method)).toEqual(["DELETE", "POST"]);
    await onlyTheNewOne("first", old);
  });

  test("additionalSecretOutputs: the output is nowhere in clear, neither now nor after an update", async () => {
    const { public_dns: dns } = await stack.tutum.applications.get(await uuidOf("hidden"));
    expect(dns).toMatch(/^hidden/);
    expect((await stack.exported()).text).not.toContain(dns);
    redeclare(stack, hello("hidden", { targetNumContainers: 2 }, hidden));
    const run = await step(stack);
    expect(await stack.sent(run)).toEqual(['PATCH hidden {"target_num_containers":2}']);
    expect((await stack.exported()).text + run.output).not.toContain(dns);
  });

  test("transforms: what they make of the args is created, patched and kept", async () => {
    expect(await containersOf("transformed")).toBe(2);
    redeclare(stack, hello("transformed", {}, { transform: { targetNumContainers: 3 } }));
    expect(await stack.sent(await step(stack))).toEqual(['PATCH transformed {"target_num_containers":3}']);
  });

  test("--target: nothing but the target is touched, and the rest is still to do", async () => {
    redeclare(stack, hello("targeted", { targetNumContainers: 2 }));
    redeclare(stack, hello("untargeted", { targetNumContainers: 2 }));
    const run = succeeded(await stack.up("--target", urnOf("targeted")));
    expect(run.steps).toEqual(["update targeted"]);
    expect(await stack.sent(run)).toEqual(['PATCH targeted {"target_num_containers":2}']);
    expect((await stack.preview()).steps).toEqual(["update untargeted"]);
    expect(await stack.sent(await step(stack))).toEqual(['PATCH untargeted {"target_num_containers":2}']);
  });

  test("a transform of the whole stack reaches every application, and destroy leaves none", async () => {
    stack.env.TRANSFORM = JSON.stringify({ autorestart: "ALWAYS" });
    const everyone = (await stack.alive()).map(each => each.unique_name);
    const run = await step(stack);
    expect((await stack.sent(run)).sort()).toEqual(
      everyone.map(name => `PATCH ${name} {"autorestart":"ALWAYS"}`).sort(),
    );
    await emptied(stack);
  });

  /** Of the two applications that existed, the one made last is left, and the state holds it. */
  async function onlyTheNewOne(name: string, old: string): Promise<void> {
    const named = (await stack.alive()).filter(application => application.name === name);
    expect(named.map(({ uuid }) => uuid)).toEqual([await uuidOf(name)]);
    expect(await uuidOf(name)).not.toBe(old);
    expect((await stack.tutum.applications.get(old)).state).toBe("Terminated");
  }
});

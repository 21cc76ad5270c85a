import { declare as declareIn, hello } from "./declarations";
import { Stack } from "./stack";
import { emptied, step } from "./step";

jest.setTimeout(300_000);

describe("changes of applications through the Pulumi CLI", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
  });
  afterEach(() => stack.dispose());

  const declare = (...declarations: ReturnType<typeof hello>[]) => declareIn(stack, ...declarations);

  test("each immutable field is a replacement that preview announces: made first, deleted last", async () => {
    declare(
      hello("target"),
      hello("image"),
      hello("name"),
      hello("size"),
      hello("command"),
      hello("entrypoint"),
      hello("ports", { containerPorts: [{ innerPort: 80 }] }),
      hello("variables", { containerEnvvars: { A: "1" } }),
      hello("links"),
      hello("roles"),
      hello("triggers", { triggers: [1] }),
    );
    expect((await stack.up()).steps).toHaveLength(11);
    const before = await stack.ids();
    declare(
      hello("target"),
      hello("image", { image: "tutum/redis" }),
      hello("name", { name: "renamed" }),
      hello("size", { containerSize: "M" }),
      hello("command", { runCommand: "/other.sh" }),
      hello("entrypoint", { entrypoint: "/bin/sh" }),
      hello("ports", { containerPorts: [{ innerPort: 80 }, { innerPort: 443 }] }),
      hello("variables", { containerEnvvars: { A: "2" } }),
      hello("links", {}, { links: ["target"] }),
      hello("roles", { roles: ["global"] }),
      hello("triggers", { triggers: [2] }),
    );
    const replaced = Object.keys(before)
      .filter(name => name !== "target")
      .sort();
    const announced = (await stack.preview()).steps.filter(each => each.startsWith("replace "));
    expect(announced.map(each => each.replace("replace ", "")).sort()).toEqual(replaced);

    const run = await step(stack);
    const requests = await stack.sent(run);
    expect(requests.slice(0, 10).every(request => request.startsWith("POST "))).toBe(true);
    expect(requests.slice(10).sort()).toEqual(replaced.map(name => `DELETE ${name}`));
    const after = await stack.ids();
    expect(Object.keys(before).filter(name => before[name] === after[name])).toEqual(["target"]);
    expect((await stack.alive()).map(({ uuid }) => uuid).sort()).toEqual(Object.values(after).sort());
    await emptied(stack);
  });

  test("a replaced link target: new one, dependents moved, old ones deleted in reverse; variables keep their names", async () => {
    const web = hello("web", {}, { links: ["db"] });
    declare(hello("db", { image: "tutum/mysql" }), web);
    await stack.up();
    declare(hello("db", { image: "tutum/mysql:5.6" }), web);
    const preview = await stack.preview();
    expect(preview.steps.filter(each => each.startsWith("replace "))).toEqual(["replace db", "replace web"]);

    const run = await step(stack);
    expect(await stack.sent(run)).toEqual(["POST db", "POST web", "DELETE web", "DELETE db"]);
    const { applications } = await stack.exported();
    expect(applications.db?.outputs.uniqueName).toBe("db-2");
    expect(Object.keys(await stack.containerVariables("web"))).toContain("DB_PORT_3306_TCP_ADDR");
    await emptied(stack);
  });

  test("a scaled link target changes nothing that is linked to it", async () => {
    declare(hello("db"), hello("web", {}, { links: ["db"] }));
    await stack.up();
    declare(hello("db", { targetNumContainers: 3 }), hello("web", {}, { links: ["db"] }));
    expect((await stack.preview()).steps).toEqual(["update db"]);
    const run = await step(stack);
    expect(run.steps).toEqual(["update db"]);
    expect(await stack.sent(run)).toEqual(['PATCH db {"target_num_containers":3}']);
    await emptied(stack);
  });

  test("running: false stops, true starts, and an application can be created stopped", async () => {
    declare(hello("web"), hello("idle", { running: false }));
    const created = await step(stack);
    expect((await stack.sent(created)).sort()).toEqual(["POST idle", "POST idle stop", "POST web"]);
    declare(hello("web", { running: false }), hello("idle", { running: false }));
    const stopped = await step(stack);
    expect(await stack.sent(stopped)).toEqual(["POST web stop"]);
    declare(hello("web", { targetNumContainers: 2 }), hello("idle", { running: false }));
    const started = await step(stack);
    expect(await stack.sent(started)).toEqual(["POST web start", 'PATCH web {"target_num_containers":2}']);
    declare(hello("web", { running: false }), hello("idle", { running: false }));
    const both = await step(stack);
    expect(await stack.sent(both)).toEqual(['PATCH web {"target_num_containers":1}', "POST web stop"]);
    expect((await stack.alive()).map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      "idle Stopped",
      "web Stopped",
    ]);
    await emptied(stack);
  });

  test("another order and defaults written out are no change", async () => {
    const ports = [{ innerPort: 443 }, { innerPort: 80 }];
    declare(
      hello("a"),
      hello("b"),
      hello("web", { containerPorts: ports }, { links: ["a", "b"] }),
      hello("image"),
    );
    await stack.up();
    const written = [
      { innerPort: 80, protocol: "tcp" },
      { innerPort: 443, protocol: "tcp" },
    ];
    declare(
      hello("a"),
      hello("b", {
        containerSize: "XS",
        targetNumContainers: 1,
        autorestart: "OFF",
        running: true,
        name: "b",
      }),
      hello("web", { containerPorts: written }, { links: ["b", "a"] }),
      hello("image", { containerPorts: [{ innerPort: 80 }], image: "tutum/hello-world:latest" }),
    );
    expect((await stack.preview()).steps).toEqual([]);
    expect((await step(stack)).mutations).toEqual([]);
    await emptied(stack);
  });

  test("a hundred independent applications: one POST and one final look each, and few lists", async () => {
    declare(...Array.from({ length: 100 }, (_, n) => hello(`app-${n}`)));
    const run = await stack.up();
    expect(run.steps).toHaveLength(100);
    const count = (form: RegExp) =>
      run.requests.filter(({ method, path }) => form.test(`${method} ${path}`)).length;
    expect(count(/^POST \/api\/v1\/application\/$/)).toBe(100);
    expect(count(/^GET \/api\/v1\/application\/[^/]+\/$/)).toBe(100);
    expect(count(/^GET \/api\/v1\/application\/$/)).toBeLessThan(50);
    expect((await emptied(stack)).steps).toHaveLength(100);
  });
});

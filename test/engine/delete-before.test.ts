import { declare, hello, urnOf } from "./declarations";
import { Stack } from "./stack";

jest.setTimeout(300_000);

describe("an application that is deleted before its replacement is made", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
  });
  afterEach(() => stack.dispose());

  const first = { deleteBeforeReplace: true, replaceOnChanges: ["targetNumContainers"] };
  const methods = ({ mutations }: { mutations: { method: string }[] }) =>
    mutations.map(({ method }) => method);

  test("is deleted although only replaceOnChanges or --replace makes it a replacement", async () => {
    declare(stack, hello("web", {}, first));
    await stack.up();
    declare(stack, hello("web", { targetNumContainers: 2 }, first));
    expect(methods(await stack.up())).toEqual(["DELETE", "POST"]);
    expect(methods(await stack.up("--replace", urnOf("web")))).toEqual(["DELETE", "POST"]);
    expect(await stack.alive()).toHaveLength(1);
  });

  test("takes along what links to it, also when that is renamed in the same run", async () => {
    const db = (version: string) =>
      hello("db", { containerEnvvars: { VERSION: version } }, { deleteBeforeReplace: true });
    declare(stack, db("1"), hello("web", {}, { links: ["db"] }));
    await stack.up();
    declare(stack, db("2"), hello("site", {}, { links: ["db"], aliases: [{ name: "web" }] }));
    expect(methods(await stack.up())).toEqual(["DELETE", "DELETE", "POST", "POST"]);
    expect(Object.keys(await stack.ids())).toEqual(["db", "site"]);
    expect(await stack.alive()).toHaveLength(2);
  });

  test("is deleted by a destroy that runs the program", async () => {
    declare(stack, hello("web"));
    await stack.up();
    expect(methods(await stack.destroy("--run-program"))).toEqual(["DELETE"]);
    expect(await stack.alive()).toEqual([]);
  });
});

import { join } from "node:path";
import { Stack } from "../engine/stack";
import { Project, tarballs } from "./project";

describe("examples/linked-apps, copied, with the tarball in place of this repository", () => {
  const project = new Project("npm");
  let stack: Stack;
  beforeAll(async () => {
    const example = project.add("../../examples/linked-apps", ".");
    const manifest = require(join(example, "package.json")) as { dependencies: object };
    project.write("package.json", { ...manifest, dependencies: { ...manifest.dependencies, ...tarballs() } });
    await project.install();
    stack = (await Stack.create("examples/linked-apps")).at(example);
    await stack.config("--secret", "databasePassword", "canary-password-55d0");
  });
  afterAll(async () => {
    await stack.dispose();
    project.remove();
  });

  test("is brought up, scaled and destroyed", async () => {
    expect((await stack.up()).steps).toEqual(["create db", "create web"]);
    await stack.config("webContainers", "2");
    expect((await stack.up()).steps).toEqual(["update web"]);
    expect((await stack.destroy()).steps).toEqual(["delete web", "delete db"]);
    expect(await stack.alive()).toEqual([]);
  });
});

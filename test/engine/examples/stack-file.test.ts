import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "../stack";
import { emptied, step, succeeded } from "../step";
import { expectReportInReadme } from "./readme";

jest.setTimeout(300_000);

const PASSWORD = "canary-password-31d8";

describe("examples/stack-file", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("examples/stack-file");
    await stack.config("--secret", "databasePassword", PASSWORD);
  });
  afterAll(() => stack.dispose());

  test("up creates the services of the file, linked, with the secret from the stack's configuration", async () => {
    expect(await stack.sent(await step(stack))).toEqual(["POST db", "POST web"]);
    const [db, web] = (await stack.alive()).sort((a, b) => a.name.localeCompare(b.name));
    expect(db).toMatchObject({ name: "db", autorestart: "ALWAYS", target_num_containers: 1 });
    expect(web).toMatchObject({ name: "web", autorestart: "OFF", target_num_containers: 2 });
    expect(await stack.containerVariables("shop-web")).toMatchObject({
      DB_PASS: PASSWORD,
      DB_ENV_MYSQL_PASS: PASSWORD,
      DB_PORT_3306_TCP_PORT: expect.any(String),
    });
    expect((await stack.exported()).text + stack.stateFile()).not.toContain(PASSWORD);
  });

  test("a change of the file is a change of its application", async () => {
    const file = join(stack.folder, "program/tutum.yml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("target_num_containers: 2", "target_num_containers: 4"));
    const preview = succeeded(await stack.preview("--json"));
    expectReportInReadme("stack-file", preview);
    expect(await stack.sent(succeeded(await stack.up()))).toEqual(['PATCH web {"target_num_containers":4}']);
  });

  test("a mistake in the file is told with its place, in the preview", async () => {
    const file = join(stack.folder, "program/tutum.yml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("links:", "linsk:"));
    const run = await stack.preview();
    expect(run.code).not.toBe(0);
    expect(run.output).toContain("tutum.yml:12:3: error: web.linsk is not a key of a service.");
    writeFileSync(file, text);
  });

  test("a link to an application outside of the file is looked up in the preview, and an error if it is nowhere", async () => {
    const file = join(stack.folder, "program/tutum.yml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("    - db\n", "    - db\n    - legacy:cache\n"));
    const missing = await stack.preview();
    expect(missing.code).not.toBe(0);
    expect(missing.output).toContain(
      'tutum.yml:14:7: web.links[1] names no service of this file, so it was looked up. There is no application with the name, unique name or uuid "legacy".',
    );
    expect(missing.output).not.toMatch(/^\s+at /m);
    const { applications } = stack.tutum;
    const { uuid } = await applications.create({ image: "tutum/redis", name: "legacy" });
    const found = succeeded(await stack.preview("--diff"));
    expect(found.steps).toEqual([
      "create-replacement shop-web",
      "replace shop-web",
      "delete-replaced shop-web",
    ]);
    expect(found.output).toContain(uuid);
    await applications.terminate(uuid);
    writeFileSync(file, text);
  });

  test("destroy leaves nothing", async () => {
    expect(await stack.sent(await emptied(stack))).toEqual(["DELETE web", "DELETE db"]);
  });
});

import { cpSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Stack } from "../stack";
import { nothingToDo, succeeded } from "../step";
import { expectReportInReadme } from "./readme";

jest.setTimeout(300_000);

const PASSWORD = "canary-password-90af";
const EXAMPLE = resolve(__dirname, "../../../examples/environments");
const ENVIRONMENTS = ["dev", "staging", "prod"];

describe("examples/environments", () => {
  let stack: Stack;
  let database: Stack;
  beforeAll(async () => {
    stack = await Stack.create("examples/environments");
    // The environments' settings are part of the example.
    for (const name of readdirSync(EXAMPLE).filter(name => /^Pulumi\..+\.yaml$/.test(name))) {
      cpSync(join(EXAMPLE, name), join(stack.folder, "program", name));
    }
    database = stack.at(join(stack.folder, "program/database"));
    database.env.PULUMI_STACK = "shared";
    succeeded(await database.run(["stack", "init", "shared"]));
    await database.config("--secret", "password", PASSWORD);
    for (const name of ENVIRONMENTS) {
      choose(name);
      succeeded(await stack.run(["stack", "init", name]));
    }
  });
  afterAll(() => stack.dispose());

  const choose = (name: string) => {
    stack.env.PULUMI_STACK = name;
  };

  test("the database first, then each environment with its own settings", async () => {
    expect(await database.sent(succeeded(await database.up()))).toEqual(["POST db"]);
    for (const name of ENVIRONMENTS) {
      choose(name);
      expect(await stack.sent(succeeded(await stack.up()))).toEqual([
        `POST cache-${name}`,
        `POST web-${name}`,
      ]);
    }
    const webs = (await stack.alive()).filter(({ name }) => name.startsWith("web-"));
    const settings = webs.map(web => [
      web.name,
      web.image_name,
      web.container_size,
      web.autorestart,
      web.target_num_containers,
      web.web_public_dns,
    ]);
    expect(settings.sort()).toEqual([
      ["web-dev", "tutum/wordpress-stackable:latest", "XS", "OFF", 1, null],
      ["web-prod", "tutum/wordpress-stackable:1.0", "M", "ALWAYS", 3, "shop.example.com"],
      ["web-staging", "tutum/wordpress-stackable:1.1", "XS", "OFF", 1, "staging.shop.example.com"],
    ]);
  });

  test("each is linked to the one database and to its own cache", async () => {
    for (const name of ENVIRONMENTS) {
      choose(name);
      expect(await stack.containerVariables("shop-web")).toMatchObject({
        DB_NAME: `shop_${name}`,
        DB_PASS: PASSWORD,
        DB_PORT_3306_TCP_PORT: expect.any(String),
        CACHE_PORT_11211_TCP_PORT: expect.any(String),
      });
      expect((await stack.exported()).text).not.toContain(PASSWORD);
    }
  });

  test("a database that changes in place changes nothing in the environments", async () => {
    const db = (await stack.alive()).find(({ name }) => name === "db");
    await stack.tutum.waitFor(
      await stack.tutum.applications.update(db?.uuid ?? "", { target_num_containers: 2 }),
      ["Running"],
    );
    choose("staging");
    await nothingToDo(stack);
  });

  test("a version goes to production by its setting, and to production alone", async () => {
    choose("prod");
    await stack.config("version", "1.1");
    const preview = succeeded(await stack.preview("--json"));
    expect(preview.steps).toContain("replace shop-web");
    expectReportInReadme("environments", preview);
    expect(await stack.sent(succeeded(await stack.up()))).toEqual(["POST web-prod", "DELETE web-prod"]);
    choose("staging");
    await nothingToDo(stack);
  });

  test("destroy takes one environment after the other, and the database when it is no longer protected", async () => {
    for (const name of ENVIRONMENTS) {
      choose(name);
      expect(await stack.sent(succeeded(await stack.destroy()))).toEqual([
        name === "prod" ? "DELETE web-prod-2" : `DELETE web-${name}`,
        `DELETE cache-${name}`,
      ]);
    }
    const refused = await database.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.mutations).toEqual([]);
    succeeded(await database.run(["state", "unprotect", "--all", "--yes"]));
    succeeded(await database.destroy());
    expect(await stack.alive()).toEqual([]);
  });
});

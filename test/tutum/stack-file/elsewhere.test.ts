import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApplicationStack } from "../../../provider";
import { type EmbeddedServer, startEmbeddedServer } from "../../../provider/testing";
import { converted } from "./command";
import { declaredBy, run } from "./declared";

const IMAGE = "tutum/hello-world";

describe("a link to an application that no service of the file is", () => {
  const environment = process.env;
  const folder = mkdtempSync(join(tmpdir(), "tutum-elsewhere-"));
  const file = join(folder, "tutum.yml");
  let server: EmbeddedServer;
  let uuid: string;
  beforeAll(async () => {
    server = await startEmbeddedServer();
    ({ uuid } = await server.client.applications.create({ image: IMAGE, name: "legacy" }));
    process.env = { ...environment, ...server.env };
  });
  afterAll(async () => {
    process.env = environment;
    rmSync(folder, { recursive: true });
    await server.close();
  });
  const write = (link: string) => writeFileSync(file, `web:\n  image: ${IMAGE}\n  links: [${link}]\n`);

  test.each([
    ["by its unique name", () => "legacy", "legacy"],
    ["by its unique name, with an alias", () => "legacy:db", "db"],
    ["by its uuid, with an alias", () => `${uuid}:db`, "db"],
  ])("is found %s, by fromFile as by the program that convert writes", async (_how, link, name) => {
    write(link());
    const fromFile = await declaredBy(() => ApplicationStack.fromFile(file, { name: "shop" }));
    expect(fromFile["shop-web"]).toMatchObject({ linkedToApplication: [{ application: uuid, name }] });
    const { text } = await converted([file, "--name", "shop"], {});
    expect(await declaredBy(() => run(text))).toEqual(fromFile);
  });

  test("is looked up by the program that convert writes", async () => {
    write("legacy:db");
    expect((await converted([file], {})).text).toContain(
      'linkedToApplication: [{ application: getApplicationOutput({ application: "legacy" }).uuid, name: "db" }],',
    );
  });

  test("but is nearly the name of a service, is taken for a slip", () => {
    writeFileSync(file, `web:\n  image: ${IMAGE}\n  links: [databse]\ndatabase:\n  image: ${IMAGE}\n`);
    expect(() => ApplicationStack.fromFile(file)).toThrow(
      /names no service of this file, "databse"; did you mean "database"\?/,
    );
  });
});

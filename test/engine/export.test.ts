import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Application, ApplicationCreate } from "../../provider/tutum/client";
import { convert } from "../../provider/tutum/commands/convert";
import { exportApplications } from "../../provider/tutum/commands/export";
import { output } from "../tutum/stack-file/command";
import { Stack } from "./stack";
import { emptied, step } from "./step";

jest.setTimeout(300_000);

const SECRET = "canary-of-the-live-one $HOME `x` $(y)";

describe("export and convert, through the real CLI", () => {
  let stack: Stack;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/exported");
    const { url, user, apikey } = stack.server;
    env = { TUTUM_BASE_URL: url, TUTUM_AUTH: `ApiKey ${user}:${apikey}` };
  });
  afterEach(() => stack.dispose());

  const created = async (body: ApplicationCreate): Promise<Application> =>
    stack.tutum.waitFor(await stack.tutum.applications.create(body), ["Running"]);
  const program = (text: string) => writeFileSync(join(stack.folder, "program/index.ts"), text);

  /** Applications of every kind that somebody made by hand. */
  async function byHand(): Promise<void> {
    const db = await created({
      image: "tutum/mysql",
      name: "db",
      container_size: "M",
      container_envvars: [
        { key: "MYSQL_PASS", value: SECRET },
        { key: "EMPTY", value: "" },
      ],
    });
    const bare = await created({ image: "quay.io/team/app:1.2", name: "db", run_command: "run --it's $x" });
    await created({
      image: "tutum/wordpress",
      name: "web",
      target_num_containers: 2,
      container_ports: [
        { inner_port: 80, protocol: "tcp" },
        { inner_port: 53, protocol: "udp" },
      ],
      linked_to_application: [
        { to_application: db.resource_uri, name: "store" },
        { to_application: bare.resource_uri, name: "db" },
      ],
      autorestart: "ALWAYS",
      autoreplace: "ON_FAILURE",
      roles: ["global"],
      web_public_dns: "shop.example.com",
    });
    const stopped = await created({
      image: "tutum/hello-world",
      linked_to_application: [db.resource_uri],
      autodestroy: "ALWAYS",
    });
    await stack.tutum.waitFor(await stack.tutum.applications.stop(stopped.uuid), ["Stopped"]);
  }

  test("up on an exported program adopts every application and changes none", async () => {
    await byHand();
    const before = await stack.alive();
    const { text, said } = await output(
      exportApplications,
      ["--format", "typescript", "--name", "shop"],
      env,
    );
    expect(text + said).not.toContain("canary");
    expect(said).toContain("pulumi config set --secret db_MYSQL_PASS");
    program(text);
    await stack.config("--secret", "db_MYSQL_PASS", SECRET);
    await stack.config("--secret", "db_EMPTY", "");
    const run = await step(stack);
    expect(run.mutations).toEqual([]);
    expect(Object.values(await stack.ids()).sort()).toEqual(before.map(({ uuid }) => uuid).sort());
    expect(await stack.alive()).toEqual(before);
    expect(stack.stateFile()).not.toContain("canary");
    await emptied(stack);
  });

  test("with --values the program needs nothing else", async () => {
    await byHand();
    const { text, said } = await output(exportApplications, ["--format", "typescript", "--values"], env);
    expect(said).toBe("");
    program(text);
    expect((await step(stack)).mutations).toEqual([]);
  });

  test("a program that convert wrote is brought up as the file says", async () => {
    const file = join(stack.folder, "tutum.yml");
    writeFileSync(file, FILE);
    const { text } = await output(convert, [file], {});
    program(text);
    expect((await stack.up()).output).toContain("The environment variable GREETING is not set.");
    stack.env.GREETING = "hello";
    expect((await stack.up()).output).toContain("pulumi config set --secret exported:db_MYSQL_PASS");
    await stack.config("--secret", "db_MYSQL_PASS", SECRET);
    const run = await step(stack);
    expect(await stack.sent(run)).toEqual(["POST db", "POST web"]);
    expect(await stack.containerVariables("tutum-web")).toMatchObject({ GREETING: "hello" });
    await emptied(stack);
  });

  test("the program of a Compose file links what names one another, has its name and the values of .env", async () => {
    const file = join(stack.folder, "docker-compose.yml");
    writeFileSync(file, COMPOSE);
    writeFileSync(join(stack.folder, ".env"), "export TAG=1.2.3 # of today\n");
    const { text, said } = await output(convert, [file], {});
    expect(said).toContain(
      "docker-compose.yml:7:3: note: services.web is linked to what it names: db (DB_HOST, depends_on).",
    );
    expect(said).toContain("/.env:1:1: note: is read, as Compose does: TAG is from there.");
    program(text);
    await stack.config("--secret", "db_POSTGRES_PASSWORD", SECRET);
    expect(await stack.sent(await step(stack))).toEqual(["POST db", "POST web"]);
    const web = (await stack.alive()).find(({ name }) => name === "web");
    expect(web).toMatchObject({ image_name: "acme/web:1.2.3" });
    expect(await stack.containerVariables("acme-web")).toMatchObject({
      DB_HOST: "db",
      DB_ENV_POSTGRES_PASSWORD: SECRET,
    });
    await emptied(stack);
  });
});

const COMPOSE = `
name: acme
services:
  db:
    image: postgres:16
    environment: { POSTGRES_PASSWORD: "x y" }
  web:
    image: acme/web:\${TAG:-latest}
    depends_on: [db]
    environment: { DB_HOST: db }
    ports: ["80"]
  mailhog:
    image: mailhog/mailhog
    profiles: [dev]
`;

const FILE = `
web:
  image: tutum/wordpress
  links: [db]
  environment: [GREETING]
db:
  image: tutum/mysql
  environment:
    MYSQL_PASS: written in the file
`;

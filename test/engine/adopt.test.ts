import type { ApplicationCreate } from "../../provider/tutum/client";
import { Stack } from "./stack";

jest.setTimeout(120_000);

const SECRET = "canary-of-the-existing-one";
const EXISTING: ApplicationCreate = {
  name: "shop",
  image: "tutum/hello-world",
  target_num_containers: 2,
  container_ports: [{ inner_port: 80, protocol: "tcp" }],
  container_envvars: [{ key: "MODE", value: SECRET }],
};

/** An application that somebody made by hand. */
async function existing({ tutum }: Stack): Promise<string> {
  const application = await tutum.waitFor(await tutum.applications.create(EXISTING), ["Running"]);
  return application.uuid;
}

async function alive(stack: Stack): Promise<string[]> {
  return (await stack.alive()).map(({ uuid }) => uuid);
}

describe("adopt", () => {
  let stack: Stack;
  let uuid: string;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    uuid = await existing(stack);
  });
  afterEach(() => stack.dispose());

  const args = {
    name: "shop",
    image: "tutum/hello-world",
    containerEnvvars: { MODE: SECRET },
    targetNumContainers: 2,
  };
  const declare = (web: object) => {
    stack.env.DECLARATIONS = JSON.stringify([{ name: "web", args: web }]);
  };

  test.each([
    ["uuid", () => uuid],
    ["unique name", () => "shop"],
    ["resource URI", () => `/api/v1/application/${uuid}/`],
  ])("takes over a running application by its %s, and sends only what differs", async (_way, reference) => {
    declare({ ...args, adopt: reference(), targetNumContainers: 3 });
    const up = await stack.up();
    expect({ code: up.code, output: up.code === 0 ? "" : up.output }).toEqual({ code: 0, output: "" });
    expect(up.mutations.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["PATCH", `/api/v1/application/${uuid}/`, { target_num_containers: 3 }],
    ]);
    expect((await stack.exported()).applications.web?.id).toBe(uuid);

    // Once taken over it is like any other: the line may go, and it is replaced and deleted.
    declare({ ...args, targetNumContainers: 3 });
    expect((await stack.preview()).steps).toEqual([]);
    declare({ ...args, adopt: reference(), containerSize: "S" });
    const replaced = await stack.up();
    expect(replaced.mutations.map(({ method }) => method)).toEqual(["POST", "DELETE"]);
    expect(await alive(stack)).not.toContain(uuid);
    await stack.destroy();
    expect(await alive(stack)).toEqual([]);
  });

  test("lists everything that only a replacement could change, and touches nothing", async () => {
    declare({
      adopt: uuid,
      image: "tutum/mysql",
      containerEnvvars: { MODE: "other", MORE: "1" },
      containerPorts: [],
    });
    const up = await stack.up();
    expect(up.code).not.toBe(0);
    expect(up.mutations).toEqual([]);
    for (const line of [
      `adopt "${uuid}": shop (${uuid}) is not as declared, and these only change by replacement:`,
      'image: "tutum/hello-world:latest" there, "tutum/mysql:latest" declared',
      'name: "shop" there, "web" declared',
      'containerPorts: ["80/tcp"] there, [] declared',
      "containerEnvvars: MODE has another value there",
      "containerEnvvars: MORE is not set there",
      "Declare them as they are, or leave adopt out.",
    ])
      expect(up.output).toContain(line);
    expect(up.output).not.toContain(SECRET);
    expect((await stack.exported()).applications).toEqual({});
  });

  test("a missing one is an error, and so is one that another resource of the stack has", async () => {
    declare({ ...args, adopt: "no-such" });
    expect((await stack.up()).output).toContain(
      'adopt "no-such": There is no application with the name, unique name or uuid "no-such". ' +
        "Leave adopt out to create one.",
    );
    declare({ ...args, adopt: uuid });
    await stack.up();
    stack.env.DECLARATIONS = JSON.stringify([
      { name: "web", args: { ...args, adopt: uuid } },
      { name: "second", args: { ...args, adopt: uuid } },
    ]);
    const up = await stack.up();
    // Of the two, the engine asks for either first.
    expect(up.output).toContain(`another resource of this stack has shop (${uuid})`);
    expect([up.code === 0, up.mutations]).toEqual([false, []]);
  });

  test("`pulumi import` ends in the words that docs/applications.md explains", async () => {
    const run = await stack.run(["import", "--yes", "pulumi-nodejs:dynamic/tutum:Application", "web", uuid]);
    expect(run.code).not.toBe(0);
    expect(run.output).toContain("Cannot read properties of undefined (reading 'toJavaScript')");
  });

  test("a resource that is renamed without alias, and adopts its own application, does not delete it", async () => {
    declare({ ...args, adopt: uuid });
    await stack.up();
    stack.env.DECLARATIONS = JSON.stringify([{ name: "renamed", args: { ...args, adopt: uuid } }]);
    const up = await stack.up();
    expect(up.mutations).toEqual([]);
    expect(up.output).toContain("is in use by a resource of this run, and stays");
    expect(await alive(stack)).toEqual([uuid]);
    expect((await stack.exported()).applications.renamed?.id).toBe(uuid);
  });
});

describe("TutumApplication.get", () => {
  let stack: Stack;
  let uuid: string;
  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/existing");
    uuid = await existing(stack);
  });
  afterAll(() => stack.dispose());

  test("reads an application without managing it, in a preview too; its environment is secret", async () => {
    stack.env.ID = uuid;
    const runs = [await stack.preview(), await stack.up(), await stack.refresh()];
    expect(runs.map(({ code, mutations }) => ({ code, mutations }))).toEqual(
      runs.map(() => ({ code: 0, mutations: [] })),
    );
    expect(runs[1]?.output).toMatch(/targetNumContainers: 2/);
    expect(runs[1]?.output).toMatch(/containerEnvvars +: \[secret\]|containerEnvvars: +\[secret\]/);
    expect(runs.map(({ output }) => output).join() + stack.stateFile()).not.toContain(SECRET);
    expect((await stack.destroy()).mutations).toEqual([]);
    expect(await alive(stack)).toEqual([uuid]);
  });

  test("a missing one is an error that names it", async () => {
    stack.env.ID = "7eaf7fff-882c-4f3d-9a8f-a22317ac00ce";
    const { code, output } = await stack.preview();
    expect(code).not.toBe(0);
    expect(output).toMatch(/There is no application 7eaf7fff-882c-4f3d-9a8f-a22317ac00ce at http/);
  });
});

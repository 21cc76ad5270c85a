import { CANARY_KEY, Stack } from "../stack";
import { emptied, nothingToDo, step, succeeded } from "../step";
import { expectReportInReadme } from "./readme";

jest.setTimeout(300_000);

const PASSWORD = "canary-password-77c1";

describe("examples/linked-apps through the Pulumi CLI", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.create("examples/linked-apps");
    await stack.config("--secret", "databasePassword", PASSWORD);
  });
  afterAll(() => stack.dispose());

  test("the first up creates the database, and the web application once that runs", async () => {
    const run = await stack.up();
    expect(run.output).toContain("+ 3 created");
    expect(run.steps).toEqual(["create db", "create web"]);
    expect(await stack.sent(run)).toEqual(["POST db", "POST web"]);

    const { db } = await stack.ids();
    const trail = run.requests.map(request => `${request.method} ${request.path}`);
    expect(trail.lastIndexOf(`GET /api/v1/application/${db}/`)).toBeLessThan(
      trail.lastIndexOf("POST /api/v1/application/"),
    );
    expect(trail.filter(request => request === `GET /api/v1/application/${db}/`)).toHaveLength(1);
  });

  test("the web container knows the database by its link's name", async () => {
    const variables = await stack.containerVariables("web");
    expect(variables.DB_PORT_3306_TCP_ADDR).toMatch(/^db-1-tester\./);
    expect(variables.DB_PASS).toBe(PASSWORD);
  });

  test("the second up and preview change nothing and ask the server nothing", async () => {
    for (const run of [await stack.up(), await stack.preview()]) {
      expect(run.code).toBe(0);
      expect(run.steps).toEqual([]);
      expect(run.requests).toEqual([]);
    }
    await nothingToDo(stack);
  });

  test("the stack's outputs show both applications", async () => {
    const { stdout } = await stack.run(["stack", "output", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      address: "none: set webPublicDns",
      applications: {
        db: {
          uniqueName: "db",
          state: "Running",
          containers: "1 of 1",
          publicDns: expect.stringContaining("db"),
        },
        web: {
          uniqueName: "web",
          state: "Running",
          containers: "1 of 1",
          publicDns: expect.stringContaining("web"),
        },
      },
    });
  });

  test("the state holds the constant provider text, under 2 KB of ours an application, and no secret in clear", async () => {
    const { text, applications } = await stack.exported();
    for (const application of Object.values(applications)) {
      const provider = application.outputs.__provider as string;
      expect(provider).toBe(application.inputs.__provider);
      expect(provider.length).toBeLessThanOrEqual(200);
      expect(provider).toContain("require('pulumi-tutum/lifecycle').application");
      // Ours of it; the engine adds its own bookkeeping, and the SDK the program's call stack.
      const ours = JSON.stringify({ inputs: application.inputs, outputs: application.outputs });
      expect(Buffer.byteLength(ours)).toBeLessThan(2048);
    }
    for (const place of [text, stack.stateFile()]) {
      expect(place).not.toContain(PASSWORD);
      expect(place).not.toContain(CANARY_KEY);
    }
  });

  test("more containers are one PATCH of that field, in preview as in up, and touch nothing linked", async () => {
    await stack.config("webContainers", "3");
    const preview = await stack.preview();
    expect(preview.steps).toEqual(["update web"]);
    expect(preview.mutations).toEqual([]);
    const run = await step(stack);
    expect(run.steps).toEqual(["update web"]);
    expect(await stack.sent(run)).toEqual(['PATCH web {"target_num_containers":3}']);
  });

  test("a domain is one PATCH, and so is taking it away", async () => {
    await stack.config("webPublicDns", "blog.example.com");
    expect(await stack.sent(await step(stack))).toEqual(['PATCH web {"web_public_dns":"blog.example.com"}']);
    await stack.run(["config", "rm", "webPublicDns"]);
    expect(await stack.sent(await step(stack))).toEqual(['PATCH web {"web_public_dns":""}']);
  });

  test("another password is previewed as the replacement of both, and shown nowhere", async () => {
    await stack.config("--secret", "databasePassword", "canary-another-12f9");
    const preview = succeeded(await stack.preview("--json"));
    expect(preview.mutations).toEqual([]);
    expect(preview.output).not.toMatch(/canary-/);
    expectReportInReadme("linked-apps", preview);
    await stack.config("--secret", "databasePassword", PASSWORD);
  });

  test("neither key nor password is in --json output, nor the key in --debug", async () => {
    await stack.config("webContainers", "2");
    const json = await stack.preview("--json");
    expect(json.output).not.toContain(PASSWORD);
    expect(json.output).not.toContain(CANARY_KEY);
    const debug = await stack.up("--debug");
    expect(debug.steps).toEqual(["update web"]);
    expect(debug.output).not.toContain(CANARY_KEY);
  });

  test("destroy terminates the linking application first and leaves nothing", async () => {
    const run = await emptied(stack);
    expect(await stack.sent(run)).toEqual(["DELETE web", "DELETE db"]);
  });
});

import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CANARY_KEY, type Run, Stack } from "./stack";

jest.setTimeout(300_000);

const ROOT = resolve(__dirname, "../..");
const DECLARATIONS = JSON.stringify([{ name: "web", args: { image: "tutum/hello-world" } }]);

describe("what a user is told when something is wrong", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    stack.env.DECLARATIONS = DECLARATIONS;
  });
  afterEach(() => stack.dispose());

  /** One message, no trace, no key, no application. */
  const refused = async (run: Run, message: string | RegExp) => {
    expect(run.code).not.toBe(0);
    expect(run.output).toMatch(message);
    expect(run.output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(run.output).not.toContain(CANARY_KEY);
    expect(Object.keys((await stack.exported()).applications)).toEqual([]);
  };

  test("a wrong key", async () => {
    stack.env.TUTUM_AUTH = "ApiKey tester:wrong";
    const run = await stack.up();
    await refused(
      run,
      /error: Creating application "web" failed: \S+ does not accept the credentials from TUTUM_AUTH \(status 401\)\. Check the user and the API key\./,
    );
    expect(run.output).not.toContain("--run-program");
  });

  test.each(["refresh", "destroy"] as const)(
    "a key that is refused in a %s, which may be that of an earlier run",
    async operation => {
      expect((await stack.up()).code).toBe(0);
      stack.env.TUTUM_AUTH = "ApiKey tester:wrong";
      const run = await stack[operation]();
      expect(run.output).toContain("does not accept the credentials from TUTUM_AUTH (status 401)");
      expect(run.output).toContain("if they have changed since, add --run-program");
    },
  );

  test("five applications without an endpoint are told once, at the stack and already in the preview", async () => {
    stack.env.TUTUM_BASE_URL = undefined;
    const names = ["a", "b", "c", "d", "e"];
    stack.env.DECLARATIONS = JSON.stringify(
      names.map(name => ({ name, args: { image: "tutum/hello-world" } })),
    );
    const preview = await stack.preview();
    expect(preview.code).toBe(0);
    const warnings = preview.events.flatMap(({ diagnosticEvent: told }) =>
      told?.severity === "warning" ? [told.message] : [],
    );
    expect(warnings).toEqual([expect.stringContaining("No Tutum endpoint is set")]);
    expect(warnings[0]).toContain("A preview goes on without; `pulumi up` cannot.");
    const { events } = await stack.up();
    const errors = new Set(
      events.flatMap(({ diagnosticEvent: told }) => (told?.severity === "error" ? [told.message] : [])),
    );
    const explained = [...errors].filter(message => message.includes("config set tutum:endpoint"));
    expect(explained).toHaveLength(1);
  });

  test("no credentials", async () => {
    stack.env.TUTUM_AUTH = undefined;
    const preview = await stack.preview();
    expect([preview.code, preview.requests]).toEqual([0, []]);
    expect(preview.output.match(/^ +warning: No Tutum user: looked in/gm)).toHaveLength(1);
    const run = await stack.up();
    await refused(
      run,
      "error: No Tutum user: looked in stack config tutum:user and tutum:apikey, TUTUM_AUTH",
    );
    expect(run.output).toContain("In a stack: `pulumi config set tutum:user NAME`");
    expect(run.requests).toEqual([]);
  });

  test("no endpoint", async () => {
    stack.env.TUTUM_BASE_URL = undefined;
    const run = await stack.up();
    await refused(run, "error: No Tutum endpoint is set");
    expect(run.output).toContain("npx --no-install tutum-server exec -- pulumi up");
  });

  test("a server that is not there", async () => {
    stack.env.TUTUM_BASE_URL = "http://127.0.0.1:1";
    await refused(await stack.up(), "cannot reach http://127.0.0.1:1/api/v1/: connection refused");
  });

  test("mistakes in the program, all of them, already in preview", async () => {
    stack.env.DECLARATIONS = JSON.stringify([
      { name: "web", args: { image: "Bad Image", containerSize: "XXL", targetNumContainer: 2 } },
    ]);
    const run = await stack.preview();
    await refused(run, /image must be an image in Docker's form, .* not "Bad Image"/);
    expect(run.output).toContain('containerSize must be one of XS, S, M, L, XL, not "XXL"');
    expect(run.output).toContain(
      'targetNumContainer is not an argument; did you mean "targetNumContainers"?',
    );
    expect(run.requests).toEqual([]);
  });

  test("stack configuration wins over a foreign ~/.tutum, and its key never reaches the server", async () => {
    writeFileSync(join(stack.folder, ".tutum"), '[auth]\nuser = "stranger"\napikey = "strange"\n');
    stack.env.TUTUM_AUTH = undefined;
    await stack.config("tutum:user", stack.server.user);
    await stack.config("--secret", "tutum:apikey", stack.server.apikey);
    const run = await stack.up();
    expect(run.code).toBe(0);
    expect(new Set(run.requests.map(request => request.authorizationUser))).toEqual(new Set(["tester"]));
    expect(run.output).not.toContain(CANARY_KEY);
    expect(stack.stateFile()).not.toContain(CANARY_KEY);
  });

  test("another account after the application was made: refresh is an error, the state stays", async () => {
    await stack.up();
    const { endpoint } = (await stack.exported()).applications.web?.outputs ?? {};
    const other = await Stack.create("test/engine/programs/declared");
    stack.env.TUTUM_BASE_URL = other.server.url;
    stack.env.TUTUM_AUTH = `ApiKey ${other.server.user}:${other.server.apikey}`;
    const refresh = await stack.refresh();
    const destroy = await stack.destroy();
    await other.dispose();
    for (const run of [refresh, destroy]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain(`it was created at ${endpoint}, and now`);
      const told = run.events.flatMap(({ diagnosticEvent: one }) => one?.message ?? []);
      expect(told.filter(message => message.includes("it was created at"))).toHaveLength(1);
      // And no line of nothing in its place.
      expect(told.filter(message => /^[\s:]*$/.test(message.replace(/<\{%.*?%\}>/g, "")))).toEqual([]);
    }
    expect(Object.keys((await stack.exported()).applications)).toEqual(["web"]);
  });

  test("the package not installed: refresh and destroy say to install it, and keep the state", async () => {
    await stack.up();
    const project = join(stack.folder, "project");
    cpSync(join(ROOT, "test/engine/programs/declared"), project, { recursive: true });
    mkdirSync(join(project, "node_modules"));
    symlinkSync(join(ROOT, "node_modules/@pulumi"), join(project, "node_modules/@pulumi"));
    const elsewhere = stack.at(project);
    for (const run of [await elsewhere.refresh(), await elsewhere.destroy()]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain(
        `Run npm install in ${project}: Cannot find module 'pulumi-tutum/lifecycle'`,
      );
      expect(run.output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    }
    expect(Object.keys((await stack.exported()).applications)).toEqual(["web"]);
  });
});

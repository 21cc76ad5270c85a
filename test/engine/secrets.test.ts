import { FORMATS, readPreviews, render, reportOf } from "../../provider/report";
import { CANARY_KEY, type Run, Stack } from "./stack";

jest.setTimeout(120_000);

const PLAIN = "shown-to-everyone";
const SECRET = "canary-of-a-secret";

/** One secret value beside a plain one; the program takes it from the stack's configuration. */
describe("secrets", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/secrets");
    await stack.config("--secret", "password", SECRET);
  });
  afterEach(() => stack.dispose());

  const expectSecret = (...runs: Run[]) => {
    for (const { output, events } of runs) expect(output + JSON.stringify(events)).not.toContain(SECRET);
    expect(stack.stateFile()).not.toContain(SECRET);
    expect(stack.stateFile() + runs.map(({ output }) => output)).not.toContain(CANARY_KEY);
  };

  test("one of many stays one of many, through every operation", async () => {
    const up = await stack.up();
    expect({ code: up.code, output: up.code === 0 ? "" : up.output }).toEqual({ code: 0, output: "" });
    expect(await stack.containerVariables("web")).toMatchObject({ MODE: PLAIN, PASSWORD: SECRET });
    expect(stack.stateFile()).toContain(PLAIN);
    expectSecret(up);

    const { tutum } = stack;
    const { web: id = "" } = await stack.ids();
    await tutum.waitFor(await tutum.applications.update(id, { target_num_containers: 2 }), ["Running"]);
    const refresh = await stack.refresh("--diff");
    expect(refresh.output).toMatch(/targetNumContainers/);
    expectSecret(refresh);
    const preview = await stack.preview("--diff");
    expect(preview.steps).toEqual(["update web"]);
    expectSecret(preview, await stack.up("--diff"));

    await stack.config("mode", "changed");
    const replaced = await stack.up("--diff");
    expect(replaced.output).toContain("changed");
    expectSecret(replaced);
    expect(stack.stateFile()).toContain("changed");
    expectSecret(await stack.destroy());
  });

  test("a secret that changes is shown as changed and not as what it is", async () => {
    await stack.up();
    await stack.config("--secret", "password", `${SECRET}-2`);
    const preview = await stack.preview("--diff");
    expect(preview.steps).toContain("replace web");
    expect(preview.output).toMatch(/PASSWORD *: "?\[secret\]"? => "?\[secret\]"?/);
    expectSecret(preview, await stack.up("--diff"));
  });

  test("a failure that quotes it masks it: the server's words, a container's log, progress", async () => {
    stack.env.IMAGE = "tutum/exits:3";
    stack.server.faults.add({
      method: "POST",
      path: "/api/v1/application/",
      times: 1,
      answer: { status: 400, body: { error: `PASSWORD=${SECRET} is no good` } },
    });
    const refused = await stack.up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("is no good");
    expectSecret(refused);
    const failed = await stack.up();
    expect(failed.output).toContain("Its last log lines");
    expectSecret(failed);
  });

  test("one that was plain before is encrypted from the next up on", async () => {
    stack.env.PLAIN_PASSWORD = SECRET;
    await stack.up();
    expect(stack.stateFile()).toContain(SECRET);
    stack.env.PLAIN_PASSWORD = undefined;
    const up = await stack.up();
    expect(up.mutations).toEqual([]);
    expectSecret(up, await stack.refresh());
    expect((await stack.preview()).steps).toEqual([]);
  });

  test.each([
    ["list", "runCommand must be a string"],
    ["inside", "containerEnvvars cannot hold the name"],
    ["unparsed", "containerEnvvars must be an object of names and values, not a string"],
    ["unknown", "passwort is not an argument"],
  ])("one that is refused (%s) is in no terminal, event, JSON or report", async (form, reason) => {
    const HIDDEN = "canary.from another_resource";
    Object.assign(stack.env, { HIDDEN, REFUSED: form });
    const terminal = await stack.preview();
    const digest = await stack.preview("--json");
    expect([terminal.code, digest.code]).not.toContain(0);
    const previews = [...readPreviews(digest.stdout, "digest"), ...readPreviews(terminal.log, "events")];
    const reports = previews.flatMap(preview =>
      FORMATS.map(format => render(reportOf([preview]), { format })),
    );
    for (const text of [terminal.output, digest.stdout, terminal.log, ...reports]) {
      expect(text).toContain(reason);
      expect(text).not.toContain(HIDDEN);
    }
    expect(digest.output + digest.log).not.toContain(HIDDEN);
  });
});

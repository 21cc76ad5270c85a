import type { Application, Container } from "../../provider/tutum/client";
import { type Run, Stack } from "./stack";
import { emptied, step, succeeded } from "./step";

jest.setTimeout(120_000);

const PASSWORD = "canary-of-a-secret";

/** `seed` and `stopped` exist before the program; it declares `web`, and looks up all of them. */
describe("look-ups in a program", () => {
  let stack: Stack;
  let [seed, stopped]: Application[] = [];
  let containers: Container[];
  let expected: { applications: string[][]; containers: string[][] };

  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/lookups");
    await stack.config("--secret", "password", PASSWORD);
    const { applications } = stack.tutum;
    const made = async (name: string) => {
      const created = await applications.create({
        image: "tutum/hello-world",
        name,
        target_num_containers: 2,
        container_envvars: [{ key: "PASSWORD", value: PASSWORD }],
        container_ports: [{ protocol: "tcp", inner_port: 80 }],
      });
      return stack.tutum.waitFor(created, ["Running"]);
    };
    seed = await made("seed");
    const { uuid } = await made("stopped");
    stopped = await stack.tutum.waitFor(await applications.stop(uuid), ["Stopped"]);
    containers = await Promise.all(seed.containers.map(container => stack.tutum.containers.get(container)));
    const [{ uuid: first = "" } = {}] = containers;
    const both = ["seed-1", "seed-2"];

    // Each with what it finds before `web` exists.
    const byApplication: [object, string[]][] = [
      [{}, ["seed", "stopped"]],
      [{ name: "seed" }, ["seed"]],
      [{ uniqueName: "stopped" }, ["stopped"]],
      [{ uuid: seed.uuid }, ["seed"]],
      [{ uuidStartsWith: stopped.uuid.slice(0, 13) }, ["stopped"]],
      [{ state: "Stopped" }, ["stopped"]],
      [{ name: "seed", state: "Stopped" }, []],
    ];
    const byContainer: [object, string[]][] = [
      [{}, [...both, "stopped-1", "stopped-2"]],
      [{ name: "seed" }, both],
      [{ uniqueName: "seed-2" }, ["seed-2"]],
      [{ uuid: first }, [String(containers[0]?.unique_name)]],
      [{ uuidStartsWith: first.slice(0, 13) }, [String(containers[0]?.unique_name)]],
      [{ state: "Stopped" }, ["stopped-1", "stopped-2"]],
      [{ applicationName: "seed" }, both],
      [{ applicationUniqueName: "seed" }, both],
      [{ applicationUuid: seed.uuid }, both],
      [{ applicationUuidStartsWith: seed.uuid.slice(0, 13) }, both],
      [{ applicationState: "Stopped" }, ["stopped-1", "stopped-2"]],
      [{ applicationUuid: seed.uuid, state: "Stopped" }, []],
    ];
    stack.env.LOOKUPS = JSON.stringify({
      applications: byApplication.map(([filters]) => filters),
      containers: byContainer.map(([filters]) => filters),
    });
    expected = {
      applications: byApplication.map(([, found]) => found),
      containers: byContainer.map(([, found]) => found),
    };
  });
  afterAll(() => stack.dispose());

  const asked = (run: Run) => run.requests.map(({ method, path }) => `${method} ${path}`);
  const plain = ({ output }: Run) => JSON.parse(/plain (\{.*\})/.exec(output)?.[1] ?? "{}");
  const outputs = async (...args: string[]) =>
    JSON.parse((await stack.run(["stack", "output", "--json", ...args])).stdout);

  test("a preview answers what is known, and does not ask about what is not there yet", async () => {
    const run = succeeded(await stack.preview());
    expect(run.steps).toEqual(["create web"]);
    expect(plain(run)).toMatchObject({ ...expected, logs: true, application: { uuid: seed?.uuid } });
    expect(run.output).not.toContain("containers of web");
    expect(asked(run).filter(request => /undefined|04da6b54/.test(request))).toEqual([]);
    expect(run.output).not.toContain(PASSWORD);
  });

  test("what is found has its fields in camelCase, and nothing that may be secret", async () => {
    const { application, fields } = plain(await stack.preview());
    expect(application).toMatchObject({
      imageName: "tutum/hello-world:latest",
      containerPorts: [{ innerPort: 80, protocol: "tcp", outerPort: null }],
    });
    expect(fields).toHaveLength(3);
    for (const names of fields) {
      expect(names).toContain("uniqueName");
      expect(names.filter((name: string) => name.includes("_"))).toEqual([]);
      for (const confidential of ["containerEnvvars", "linkVariables", "runCommand", "entrypoint"]) {
        expect(names).not.toContain(confidential);
      }
    }
  });

  test("up answers about what it made, and its logs and link variables are secrets", async () => {
    const run = succeeded(await stack.up());
    expect(run.output).toContain("containers of web: web-1");
    const { twins, ofWeb } = await outputs();
    expect(ofWeb).toMatchObject({
      found: "web",
      containers: ["web-1"],
      url: expect.stringMatching(/^http:\/\/web-tester\./),
    });
    const secret = "[secret]";
    expect([twins.logs, ofWeb.logs, ofWeb.linkVariables]).toEqual([secret, secret, secret]);
    const shown = await outputs("--show-secrets");
    expect(shown.twins.logs).not.toBe("");
    expect(shown.ofWeb.logs).toContain("web-1");
    expect(shown.ofWeb.linkVariables).toMatchObject({ WEB_1_PORT_80_TCP_PROTO: "tcp" });
    for (const place of [run.output, stack.stateFile()]) expect(place).not.toContain(PASSWORD);
  });

  test("the preview of an update shows what is there now, and up what then is", async () => {
    stack.env.CONTAINERS = "2";
    const preview = succeeded(await stack.preview());
    expect(preview.steps).toEqual(["update web"]);
    expect(preview.output).toContain("containers of web: web-1\n");
    const run = succeeded(await stack.up());
    expect(run.output).toContain("containers of web: web-1,web-2\n");
  });

  test("the twins find what the plain ones find", async () => {
    stack.env.CONTAINERS = "2";
    await step(stack);
    const { plain, twins } = await outputs();
    const { application, applications, containers } = twins;
    expect(application).toBe("seed");
    expect({ applications, containers }).toEqual({
      applications: plain.applications,
      containers: plain.containers,
    });
    expect(applications[0]).toEqual(["seed", "stopped", "web"]);
  });

  test("what is not there, or there twice, is an error with its candidates", async () => {
    const { applications } = stack.tutum;
    const twin = () => applications.create({ image: "tutum/hello-world", name: "twin" });
    const [first] = [await twin(), await twin(), await twin()];
    const running = await stack.tutum.waitFor(first, ["Running"]);
    await stack.tutum.waitFor(await applications.terminate(running.uuid), ["Terminated"]);
    stack.env.APPLICATION = "twin";
    const twice = await stack.preview();
    expect(twice.code).not.toBe(0);
    expect(twice.output).toMatch(/"twin" names more than one application: twin-\d \(.*\), twin-\d \(.*\)/);
    stack.env.APPLICATION = "nowhere";
    expect((await stack.preview()).output).toContain(
      'There is no application with the name, unique name or uuid "nowhere"',
    );
  });

  test("destroy leaves what the program looked up", async () => {
    await emptied(stack, ["seed", "stopped", "twin-2", "twin-3"]);
  });
});

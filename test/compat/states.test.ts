import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { providerText } from "../../provider/resource/dynamic/provider-text";
import { Stack } from "../engine/stack";
import { alive, sdk, under } from "./sdk";

/** What `npm run record:state` keeps of the server beside the state that Pulumi wrote. */
interface RecordedServer {
  endpoint: string;
  user: string;
  /** As `pulumi config set-all --json` takes it. */
  config: Record<string, { value: string; secret: boolean }>;
  /** Bodies of the creations, in order. */
  applications: { uuid: string; body: { name: string } & Record<string, unknown> }[];
}

const STATES = join(__dirname, "states");
const RELEASES = readdirSync(STATES);

describe.each(
  RELEASES.flatMap(release =>
    [sdk("lowest"), sdk("newest")].map(({ version, name }) => ({ release, version, name })),
  ),
)("the state that $release wrote, with SDK $version", ({ release, name }) => {
  const read = (file: string) => readFileSync(join(STATES, release, file), "utf8");
  const recorded = JSON.parse(read("server.json")) as RecordedServer;
  let stack: Stack;

  beforeAll(async () => {
    let next: string | undefined;
    /** The first uuid that a creation draws is the application's own. */
    const uuid = () => {
      const drawn = next ?? randomUUID();
      next = undefined;
      return drawn;
    };
    const random = { uuid, token: randomUUID };
    const created = await Stack.create(join("test/compat/states", release), { user: recorded.user, random });
    for (const application of recorded.applications) {
      next = application.uuid;
      await created.server.seed({ applications: { [application.body.name]: application.body } });
    }
    stack = under(sdk(name), created, join("states", release));
    const configured = await stack.run(["config", "set-all", "--json", JSON.stringify(recorded.config)]);
    expect({ code: configured.code, output: configured.output }).toEqual({ code: 0, output: "" });
    await stack.importState(() => read("state.json").replaceAll(recorded.endpoint, stack.server.url));
  });
  afterAll(() => stack.dispose());

  test("is imported, and knows its applications", async () => {
    const { applications } = await stack.exported();
    const uuids = recorded.applications.map(({ uuid }) => uuid);
    expect(Object.values(applications).map(({ id }) => id)).toEqual(uuids);
    expect(await alive(stack)).toEqual(uuids);
  });

  test("has today's provider text, which refresh and destroy take from the state", async () => {
    const today = providerText("pulumi-tutum/lifecycle", "application");
    for (const { inputs, outputs } of Object.values((await stack.exported()).applications))
      expect([inputs.__provider, outputs.__provider]).toEqual([today, today]);
  });

  test("shows no change in a preview, and the server is asked nothing", async () => {
    const { code, output, steps, requests } = await stack.preview();
    expect({ steps, requests, failure: code === 0 ? "" : output }).toEqual({
      steps: [],
      requests: [],
      failure: "",
    });
  });

  test("is refreshed without a change", async () => {
    const { code, output, mutations } = await stack.refresh();
    expect({ mutations, failure: code === 0 ? "" : output }).toEqual({ mutations: [], failure: "" });
    expect(output).toMatch(/^ +3 unchanged$/m);
    expect((await stack.preview()).steps).toEqual([]);
  });

  test("is destroyed, and nothing is left", async () => {
    expect((await stack.destroy()).code).toBe(0);
    expect((await stack.exported()).applications).toEqual({});
    expect(await alive(stack)).toEqual([]);
  });
});

test("there is a state of a release", () => {
  expect(RELEASES).toContain("v0.1.0");
});

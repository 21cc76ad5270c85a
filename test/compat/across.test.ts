import { providerText } from "../../provider/resource/dynamic/provider-text";
import { Stack } from "../engine/stack";
import { alive, sdk, under } from "./sdk";

const [lowest, newest] = [sdk("lowest"), sdk("newest")];
const DECLARATIONS = JSON.stringify([
  { name: "db", args: { image: "tutum/mysql", containerPorts: [{ innerPort: 3306 }] } },
  { name: "web", args: { image: "tutum/wordpress", containerEnvvars: { A: "1" } }, links: ["db"] },
]);

describe.each([
  [lowest, newest],
  [newest, lowest],
])("a state written with $version", (writer, reader) => {
  let stack: Stack;
  let read: Stack;
  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    Object.assign(stack.env, { DECLARATIONS, PULUMI_NODEJS_TRANSPILE_ONLY: "true" });
    read = under(reader, stack, "declared");
    const run = await under(writer, stack, "declared").up();
    expect({ code: run.code, output: run.code === 0 ? "" : run.output }).toEqual({ code: 0, output: "" });
  });
  afterAll(() => stack.dispose());

  test(`shows no change with ${reader.version}, and asks the server nothing`, async () => {
    const { code, steps, requests } = await read.preview();
    expect({ code, steps, requests }).toEqual({ code: 0, steps: [], requests: [] });
  });

  test("has a provider text that is the same for every SDK", async () => {
    const { applications } = await stack.exported();
    const texts = Object.values(applications).flatMap(({ inputs, outputs }) => [
      inputs.__provider,
      outputs.__provider,
    ]);
    expect(texts).toEqual(Array(4).fill(providerText("pulumi-tutum/lifecycle", "application")));
  });

  test(`is refreshed with ${reader.version} without a change`, async () => {
    const refresh = await read.refresh();
    expect({ code: refresh.code, steps: refresh.steps }).toEqual({ code: 0, steps: [] });
    expect(refresh.output).toMatch(/^ +3 unchanged$/m);
    expect((await read.preview()).steps).toEqual([]);
  });

  test(`is destroyed with ${reader.version}, and nothing is left`, async () => {
    expect((await read.destroy()).code).toBe(0);
    expect(await alive(stack)).toEqual([]);
  });
});

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { type Run, Stack } from "./stack";
import { succeeded } from "./step";

jest.setTimeout(300_000);

const N = 20;

interface Checkpoint {
  resources: { urn: string; sourcePosition?: string; stackTrace?: { sourcePosition: string }[] }[];
}

test("a provider that sends nothing has not loaded axios", () => {
  const lifecycle = JSON.stringify(resolve(__dirname, "../../dist/tutum/lifecycle/index.js"));
  const loaded = `require(${lifecycle}); console.log(JSON.stringify(Object.keys(require.cache)))`;
  const files: string[] = JSON.parse(execFileSync(process.execPath, ["-e", loaded], { encoding: "utf8" }));
  expect(files.some(file => file.includes("/valibot/"))).toBe(true);
  expect(files.filter(file => file.includes("/axios/"))).toEqual([]);
});

/** What `npm run bench` measures, as counts that may not grow. */
describe(`${N} applications cost`, () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.create("bench/lifecycle/program");
    await stack.config("tutum:owner", "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10");
    Object.assign(stack.env, { BENCH_N: String(N), BENCH_CONTAINERS: "1" });
  });
  afterAll(() => stack.dispose());

  /** Requests by kind: `GET one` is one application, `GET list` a page, `GET named` a look for one by its name. */
  function counted(run: Run): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, path, query } of succeeded(run).requests) {
      const one = path.split("/").filter(Boolean).length > 3;
      const kind = method !== "GET" ? method : one ? "GET one" : query.name ? "GET named" : "GET list";
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  test("a look, a POST and a GET each when they are created, and some lists together", async () => {
    const { "GET list": lists = 0, ...each } = counted(await stack.up());
    expect(each).toEqual({ "GET named": N, POST: N, "GET one": N });
    expect(lists).toBeLessThanOrEqual(N / 2);
  });

  test("no request when nothing changes, in a preview as in an up", async () => {
    expect(counted(await stack.preview())).toEqual({});
    expect(counted(await stack.up())).toEqual({});
  });

  test("a GET each when they are refreshed", async () => {
    expect(counted(await stack.refresh())).toEqual({ "GET one": N });
  });

  test("for one that is scaled a PATCH, a GET before and after it, and some lists", async () => {
    stack.env.BENCH_CONTAINERS = "2";
    const { "GET list": lists = 0, ...others } = counted(await stack.up());
    expect(others).toEqual({ PATCH: 1, "GET one": 2 });
    expect(lists).toBeLessThanOrEqual(3);
  });

  test("at most 2.4 kB of state each, as it lies on disk: of the call stack only what is the program's", async () => {
    expect(Buffer.byteLength(stack.stateFile()) / N).toBeLessThan(2_400);
    const { latest } = (JSON.parse(stack.stateFile()) as { checkpoint: { latest: Checkpoint } }).checkpoint;
    const [application] = latest.resources.filter(({ urn }) => urn.endsWith("::app-0"));
    expect(application?.sourcePosition).toMatch(/^project:\/\/\/ours\.ts#\d+,\d+$/);
    const files = application?.stackTrace?.map(frame => frame.sourcePosition.replace(/#.*/, ""));
    expect(files).toEqual(["project:///ours.ts", "project:///index.ts"]);
  });

  test("a GET before and after a DELETE each when they are destroyed, and some lists together", async () => {
    const { "GET list": lists = 0, ...each } = counted(await stack.destroy());
    expect(each).toEqual({ DELETE: N, "GET one": 2 * N });
    expect(lists).toBeLessThanOrEqual(N);
  });
});

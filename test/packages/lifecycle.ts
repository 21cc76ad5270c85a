import { join } from "node:path";
import { type Run, Stack } from "../engine/stack";
import { made } from "./made";
import type { Project } from "./project";

/** How a user has the packages in a project. */
export interface Installation {
  project: Project;
  /** Folders of the copies of `programs/`. */
  programs: Record<"commonjs" | "module", string>;
  install(): Promise<void>;
  upgrade(): Promise<void>;
  remove(): void;
}

/** A CommonJS and an ES module program, from their creation over an upgrade of the packages to their end. */
export function lifecycleTests(installation: Installation): void {
  const kinds = ["commonjs", "module"] as const;
  const stacks = {} as Record<(typeof kinds)[number], Stack>;
  const { version, upgrade } = made().packages["pulumi-tutum"];

  beforeAll(async () => {
    await installation.install();
    for (const kind of kinds) {
      const stack = await Stack.create(join("test/packages/programs", kind));
      stack.env.CONTAINERS = "1";
      stacks[kind] = stack.at(installation.programs[kind]);
    }
  });
  afterAll(async () => {
    for (const stack of Object.values(stacks)) await stack.dispose();
    installation.remove();
  });

  /** What the run did, or its whole output when it failed. */
  const done = ({ code, output, steps }: Run) => (code === 0 ? steps : output);

  test.each(kinds)("up creates the applications of a %s program", async kind => {
    const up = await stacks[kind].up();
    expect(done(up)).toEqual(["create db", "create web"]);
    expect(up.output).toMatch(new RegExp(`version: "${version}"`));
  });

  test("the commands of both packages run", async () => {
    const { project } = installation;
    const report = await project.run(["pulumi-tutum", "--version"]);
    const exec = ["tutum-server", "exec", "--", process.execPath, "-p"];
    expect(report.trim()).toBe(version);
    expect(await project.run([...exec, "process.env.TUTUM_BASE_URL"])).toMatch(/^http:.*\/api\/v1\/$/m);
  });

  test("the upgrade is installed", () => installation.upgrade());

  test.each(kinds)("the preview of a %s program shows no change but the version's", async kind => {
    const preview = await stacks[kind].preview("--diff");
    expect(done(preview)).toEqual([]);
    expect(preview.requests).toEqual([]);
    expect(preview.output).toContain(`version: "${version}" => "${upgrade.version}"`);
  });

  test.each(kinds)("up of a %s program changes in place what was created before the upgrade", async kind => {
    stacks[kind].env.CONTAINERS = "2";
    const { web = "" } = await stacks[kind].ids();
    const up = await stacks[kind].up();
    expect(done(up)).toEqual(["update web"]);
    expect(up.mutations.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PATCH /api/v1/application/${web}/`,
    ]);
  });

  test.each(kinds)("refresh of a %s program finds no change", async kind => {
    const refresh = await stacks[kind].refresh();
    expect(done(refresh)).toEqual([]);
    expect(refresh.output).toMatch(/^ +3 unchanged$/m);
  });

  test.each(kinds)("destroy of a %s program leaves nothing", async kind => {
    const destroy = await stacks[kind].destroy();
    expect(done(destroy)).toEqual(["delete web", "delete db"]);
    expect(await stacks[kind].alive()).toEqual([]);
  });
}

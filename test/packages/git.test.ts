import { execFileSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { made } from "./made";
import { Project, SDK } from "./project";

const ROOT = resolve(__dirname, "../..");
const { version } = made().packages["pulumi-tutum"];

describe("a project that has the package from a git tag", () => {
  const [repository, project] = [new Project("npm"), new Project("npm")];
  afterAll(() => {
    repository.remove();
    project.remove();
  });

  /** This clone as it is now, committed or not, with a tag: a whole repository of its own. */
  beforeAll(async () => {
    const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const files = execFileSync("git", list, { cwd: ROOT, encoding: "utf8" }).split("\0");
    for (const file of files.filter(name => name && existsSync(join(ROOT, name))))
      cpSync(join(ROOT, file), join(repository.folder, file));
    const git = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost"];
    await repository.run([...git, "init", "--quiet"]);
    await repository.run([...git, "add", "--all"]);
    await repository.run([...git, "commit", "--quiet", "--message", "As it is"]);
    await repository.run([...git, "tag", `v${version}`]);
  });

  test("npm compiles it, and keeps the files of the tarball only", async () => {
    project.write("package.json", { private: true, dependencies: SDK });
    const address = `git+file://${repository.folder}#v${version}`;
    await project.run(["npm", "install", "--prefer-offline", "--no-audit", "--loglevel=error", address]);
    const { unpacked } = made().packages["pulumi-tutum"];
    const installed = join(project.folder, "node_modules/pulumi-tutum");
    // What npm put beside it is its dependencies.
    const differences = await project.run(["diff", "-rq", "--exclude=node_modules", unpacked, installed]);
    expect(differences).toBe("");
  });

  test("its command runs, and its provider is loaded as the state's text loads it", async () => {
    expect((await project.run(["pulumi-tutum", "--version"])).trim()).toBe(version);
    const load = "Object.keys(require('pulumi-tutum/lifecycle').application).includes('create')";
    expect((await project.run([process.execPath, "-p", load])).trim()).toBe("true");
  });
});

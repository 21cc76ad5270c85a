/** The numbered steps of README.md, "In your own project", typed one after the other in an empty folder. */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { pulumiCli } from "../engine/stack";
import { made } from "./made";
import { Project } from "./project";

const ROOT = resolve(__dirname, "../..");

/** The commands of each step, as a person would type them. */
function steps(): string[][] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const [, section = ""] = readme.split("\n## In your own project\n");
  const lines = section.split("\n").filter(line => /^\d+\. .*: `/.test(line));
  return lines.map(line => [...line.matchAll(/`([^`]+)`/g)].map(([, command = ""]) => command));
}

test("they lead from nothing to applications that run", async () => {
  const project = new Project("npm");
  const pulumi = await pulumiCli();
  const folder = join(project.folder, "shop");
  const env = {
    PATH: [dirname(pulumi), process.env.PATH].join(delimiter),
    PULUMI_BACKEND_URL: `file://${project.folder}`,
    PULUMI_CONFIG_PASSPHRASE: "none",
    PULUMI_HOME: join(project.folder, ".pulumi"),
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  const shell = (command: string, cwd: string) => project.run(["bash", "-ec", `cd ${cwd}\n${command}`], env);
  try {
    const [copy = [], pack = [], ...rest] = steps();
    expect(rest.length).toBe(6);
    await shell(`${copy.join("\n").replaceAll("CLONE", ROOT)}`, project.folder);
    // What this step makes is made already, once for all of these tests.
    expect(pack.join()).toMatch(
      /^mkdir vendor && .*npm pack.* mv CLONE\/\*\.tgz CLONE\/server\/\*\.tgz vendor\/$/,
    );
    mkdirSync(join(folder, "vendor"));
    for (const { tarball } of Object.values(made().packages))
      copyFileSync(tarball, join(folder, "vendor", basename(tarball)));
    let last = "";
    for (const command of rest.flat())
      last = await shell(command.replace("pulumi up", "pulumi up --yes"), folder);
    expect(last).toMatch(/\+ 3 created/);
  } finally {
    project.remove();
  }
});

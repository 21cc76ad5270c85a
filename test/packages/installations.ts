import { symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Installation } from "./lifecycle";
import { made } from "./made";
import { type Dependencies, type Manager, Project, SDK, tarballs } from "./project";

/** Both tarballs in a project; the programs are folders of it. */
export function inProject(manager: Manager): Installation {
  const project = new Project(manager);
  const installed = async (dependencies: Dependencies) => {
    project.write("package.json", { private: true, dependencies: { ...SDK, ...dependencies } });
    await project.install();
  };
  return {
    project,
    programs: programsIn(project),
    install: () => installed(tarballs()),
    upgrade: () => installed(tarballs(({ upgrade }) => upgrade)),
    remove: () => project.remove(),
  };
}

/** Each program is a package of an npm workspace, and names what it needs itself; npm puts it into the root's folder. */
export function inWorkspace(): Installation {
  const project = new Project("npm");
  const programs = programsIn(project);
  project.write("package.json", { private: true, workspaces: Object.keys(programs) });
  const installed = async (dependencies: Dependencies) => {
    for (const [kind, folder] of Object.entries(programs)) {
      const manifest = require(join(__dirname, "programs", kind, "package.json")) as object;
      const whole = { ...manifest, dependencies: { ...SDK, ...dependencies } };
      writeFileSync(join(folder, "package.json"), JSON.stringify(whole));
    }
    await project.install();
  };
  return {
    project,
    programs,
    install: () => installed(tarballs()),
    upgrade: () => installed(tarballs(({ upgrade }) => upgrade)),
    remove: () => project.remove(),
  };
}

/** npm links folders outside of the project: each package finds its own dependencies there, another SDK among them. */
export function linked(): Installation {
  const [project, clones] = [new Project("npm"), new Project("npm")];
  symlinkSync(resolve(__dirname, "../../node_modules"), join(clones.folder, "node_modules"));
  const installed = async (version: "now" | "next") => {
    const links = Object.entries(made().packages).map(([name, each]) => {
      const { unpacked } = version === "now" ? each : each.upgrade;
      return [name, `file:${clones.add(unpacked, join(version, name))}`];
    });
    project.write("package.json", {
      private: true,
      dependencies: { ...SDK, ...Object.fromEntries(links) },
    });
    await project.install();
  };
  return {
    project,
    programs: programsIn(project),
    install: () => installed("now"),
    upgrade: () => installed("next"),
    remove: () => {
      project.remove();
      clones.remove();
    },
  };
}

function programsIn(project: Project): Installation["programs"] {
  return {
    commonjs: project.add("programs/commonjs", "commonjs"),
    module: project.add("programs/module", "module"),
  };
}

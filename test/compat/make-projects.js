// Before the tests: for each version of the SDK a project folder as a user's, with that SDK and the packed package in its
// node_modules. All test files share them, and change nothing in them.

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "../..");

module.exports = () => {
  /** @param {string} name */
  const tool = name => `${execFileSync(process.execPath, [`tools/${name}.mjs`], { cwd: ROOT })}`.trim();
  const [sdks, pulumi] = [JSON.parse(tool("sdks")), tool("pulumi-cli")];
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "tutum-compat-"));
  process.env.TUTUM_COMPAT_FOLDER = folder; // for the workers, and for the removal
  // Scripts off: set-up has compiled it already.
  const pack = ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
  execFileSync("npm", pack, { cwd: ROOT });
  const [tarball = ""] = fs.readdirSync(folder);

  for (const [name, sdk] of Object.entries(sdks)) {
    const project = path.join(folder, name);
    const modules = path.join(project, "node_modules");
    fs.mkdirSync(path.join(modules, "@pulumi"), { recursive: true });
    for (const module of ["@pulumi/pulumi", "typescript"])
      fs.symlinkSync(path.join(sdk.modules, module), path.join(modules, module));
    // A copy, not a link: from a link it would find the SDK of this clone.
    const own = path.join(modules, "pulumi-tutum");
    fs.mkdirSync(own);
    execFileSync("tar", ["-xzf", path.join(folder, tarball), "-C", own, "--strip-components=1"]);
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(own, "package.json"), "utf8"));
    for (const module of Object.keys(dependencies))
      fs.symlinkSync(path.join(ROOT, "node_modules", module), path.join(modules, module));

    fs.cpSync(path.join(ROOT, "test/engine/programs/declared"), path.join(project, "declared"), {
      recursive: true,
    });
    fs.cpSync(path.join(__dirname, "states"), path.join(project, "states"), { recursive: true });
  }
  fs.writeFileSync(path.join(folder, "sdks.json"), JSON.stringify({ ...sdks, pulumi }));
};

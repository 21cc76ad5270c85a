// Before the tests: both packages as `npm pack` makes them, and both once more as their next versions.
// All test files share them, and change nothing in them.

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "../..");

module.exports = () => {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "tutum-packages-"));
  process.env.TUTUM_PACKAGES_FOLDER = folder; // for the workers, and for the removal
  const tools = JSON.parse(`${execFileSync(process.execPath, ["tools/package-tools.mjs"], { cwd: ROOT })}`);

  const packages = [ROOT, path.join(ROOT, "server")].map(source => {
    const { name, version } = manifestOf(source);
    const tarball = pack(source, folder);
    const unpacked = unpack(tarball, path.join(folder, version, name));

    const [major, minor, patch] = version.split(".").map(Number);
    const as = (/** @type {string} */ next) => {
      const copy = unpack(tarball, path.join(folder, next, name));
      const manifest = JSON.stringify({ ...manifestOf(copy), version: next }, null, 2);
      fs.writeFileSync(path.join(copy, "package.json"), manifest);
      return { version: next, tarball: pack(copy, folder), unpacked: copy };
    };
    const upgrade = as(`${major}.${minor}.${patch + 1}`);
    const nextMinor = as(`${major}.${minor + 1}.0`);
    return [name, { version, tarball, unpacked, upgrade, nextMinor }];
  });
  fs.writeFileSync(
    path.join(folder, "made.json"),
    JSON.stringify({ tools, packages: Object.fromEntries(packages) }),
  );
};

/** @param {string} folder */
function manifestOf(folder) {
  return JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
}

/**
 * @param {string} source
 * @param {string} target
 */
function pack(source, target) {
  // Scripts off: set-up has compiled it already.
  const options = ["--ignore-scripts", "--json", "--loglevel=error", "--pack-destination", target];
  const [{ filename }] = JSON.parse(`${execFileSync("npm", ["pack", ...options], { cwd: source })}`);
  return path.join(target, filename);
}

/**
 * @param {string} tarball
 * @param {string} target
 */
function unpack(tarball, target) {
  fs.mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  return target;
}

// Makes node_modules what package-lock.json says.
// Asked is npm's own record of what it installed, which it writes last: so an interrupted install counts as none, and
// one that the user made by hand is not made again.

import fs from "node:fs";
import path from "node:path";
import { step } from "./progress.mjs";
import { runCommand } from "./run-command.mjs";

/** @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} Package */

/** @param {string} root */
export function packagesAreInstalled(root) {
  const installed = readPackages(path.join(root, "node_modules", ".package-lock.json"));
  if (!installed) return false;
  return Object.entries(lockedPackages(root)).every(([place, wanted]) => {
    const found = installed[place];
    // Optional packages of other platforms are locked and not installed.
    if (!found) return place === "" || wanted.optional || wanted.devOptional;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/**
 * @param {string} root
 * @param {import("./lock.mjs").Lock} lock
 */
export async function installPackages(root, lock) {
  const total = Object.values(lockedPackages(root)).filter(({ integrity }) => integrity).length;
  const why = fs.existsSync(path.join(root, "node_modules"))
    ? "node_modules is not what package-lock.json says"
    : "there is no node_modules yet";
  await step(`Installing npm packages from the lockfile: ${why}`, async progress => {
    let fetched = 0;
    // Without scripts: no package here needs one, and the build is set-up's own next step.
    const quiet = ["--no-progress", "--no-update-notifier", "--loglevel=http"];
    await runCommand(["npm", "ci", "--ignore-scripts", "--include=dev", ...quiet], {
      cwd: root,
      lock,
      onLine(line) {
        if (/^npm http fetch .*\.tgz/.test(line))
          progress(`${++fetched} of at most ${total} packages fetched`);
        return /^npm http /.test(line);
      },
    });
  });
}

/** @param {string} root */
function lockedPackages(root) {
  const packages = readPackages(path.join(root, "package-lock.json"));
  if (!packages) throw new Error(`no package-lock.json in ${root}: is this a whole clone?`);
  return packages;
}

/**
 * @param {string} file
 * @returns {Record<string, Package> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")).packages;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

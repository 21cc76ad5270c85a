/**
 * `node tools/system-packages.mjs`: installs the Debian packages of system-packages.txt that are missing. As root.
 * It never removes a package (docker-ce, say, which excludes docker.io) and starts no service.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

const list = new URL("system-packages.txt", import.meta.url);
const packages = readFileSync(list, "utf8")
  .split("\n")
  .map(line => line.trim())
  .filter(line => line !== "" && !line.startsWith("#"));

/** @param {string} name */
const isInstalled = name => spawnSync("dpkg", ["-s", name], { stdio: "ignore" }).status === 0;
const missing = packages.filter(name => !isInstalled(name));
if (missing.length > 0) {
  console.error(`Installing Debian packages that some tests need: ${missing.join(", ")} …`);
  const done = withoutServices(() => install(missing));
  console.error(done ? "  done" : "  not possible here: the tests that need them report themselves skipped");
}

/**
 * All at once, which is quicker; when that fails each by itself, so that one doesn't keep out the others.
 * @param {string[]} names
 */
function install(names) {
  if (!apt("update", "-q")) return false;
  const add = [
    "install",
    "-q",
    "-y",
    "--no-install-recommends",
    "--no-remove",
    "-o",
    "DPkg::Lock::Timeout=300",
  ];
  if (apt(...add, ...names)) return true;
  return names.map(name => apt(...add, name)).every(Boolean);
}

/** @param {string[]} args */
function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env }).status === 0;
}

/**
 * Debian starts a daemon when it is installed, unless this file says no. Docker's would change the machine's network.
 * @param {() => boolean} work
 */
function withoutServices(work) {
  const policy = "/usr/sbin/policy-rc.d";
  // Ctrl-C ends apt-get; this process must live on to remove the file.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  try {
    writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
  } catch {
    // There is one already, and it is the machine's: or this is not root, and apt-get will say so.
    return work();
  }
  try {
    return work();
  } finally {
    rmSync(policy);
  }
}

/** `node tools/system-packages.mjs`: installs the Debian packages of system-packages.txt that are missing. As root. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

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
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  /** @param {string[]} args */
  const apt = args =>
    spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env }).status === 0;
  const done = apt(["update", "-q"]) && apt(["install", "-q", "-y", "--no-install-recommends", ...missing]);
  console.error(done ? "  done" : "  not possible here: the tests that need them report themselves skipped");
}

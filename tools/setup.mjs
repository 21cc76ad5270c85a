// Makes a fresh clone ready: npm packages from the lockfile, the build, the pinned Pulumi CLI. `npm run setup`; the
// other commands of package.json run it first. When all is there it says nothing and takes a fraction of a second.

import "./require-node.mjs";
import { build, isBuilt } from "./build.mjs";
import { CLONE_LOCK, isMain, ROOT } from "./clone.mjs";
import { withLock } from "./lock.mjs";
import { installPackages, packagesAreInstalled } from "./npm-packages.mjs";
import { say } from "./progress.mjs";
import { ensurePulumi } from "./pulumi-cli.mjs";

/** @returns {Promise<import("./pulumi-cli.mjs").Pulumi>} */
export async function setUp() {
  if (process.platform === "win32")
    throw new Error("set-up knows Linux and macOS; on Windows, run it inside WSL");
  if (!isReady()) {
    await withLock(CLONE_LOCK, "setting up this clone", async lock => {
      if (!packagesAreInstalled(ROOT)) await installPackages(ROOT, lock);
      if (!isBuilt(ROOT)) await build(ROOT, lock);
    });
  }
  return ensurePulumi();
}

function isReady() {
  return packagesAreInstalled(ROOT) && isBuilt(ROOT);
}

if (isMain(import.meta.url)) {
  await setUp().catch(error => {
    say(error.message);
    process.exitCode = 1;
  });
}

// What installs and examines the packed packages (pnpm, yarn, publint, attw), installed once per machine in the user's
// cache and pinned by the lockfile in test/packages/tools/. `node tools/package-tools.mjs` prints where, as JSON.

import path from "node:path";
import { ensurePackages } from "./cached-packages.mjs";
import { isMain, ROOT } from "./clone.mjs";
import { say } from "./progress.mjs";
import { cached } from "./user-cache.mjs";

/**
 * `bin` has the commands, `caches` is for what pnpm and yarn keep of the packages that they install.
 * @returns {Promise<{ bin: string, caches: string }>}
 */
export async function ensurePackageTools() {
  const manifests = path.join(ROOT, "test", "packages", "tools");
  const title = "What `npm run test:packages` needs (pnpm, yarn and others)";
  const folder = await ensurePackages(manifests, "package-tools", title);
  return { bin: path.join(folder, "node_modules", ".bin"), caches: cached("package-tools-caches") };
}

if (isMain(import.meta.url)) {
  await ensurePackageTools().then(
    tools => console.log(JSON.stringify(tools)),
    error => {
      say(error.message);
      process.exitCode = 1;
    },
  );
}

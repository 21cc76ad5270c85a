// What installs and examines the packed packages (pnpm, yarn, publint, attw), installed once per machine in the user's
// cache and pinned by the lockfile in test/packages/tools/. `node tools/package-tools.mjs` prints their folder.

import path from "node:path";
import { ensurePackages } from "./cached-packages.mjs";
import { isMain, ROOT } from "./clone.mjs";
import { say } from "./progress.mjs";

/** Folder of their commands. */
export async function ensurePackageTools() {
  const manifests = path.join(ROOT, "test", "packages", "tools");
  const folder = await ensurePackages(
    manifests,
    "package-tools",
    "What `npm run test:packages` needs (pnpm, yarn and others)",
  );
  return path.join(folder, "node_modules", ".bin");
}

if (isMain(import.meta.url)) {
  await ensurePackageTools().then(console.log, error => {
    say(error.message);
    process.exitCode = 1;
  });
}

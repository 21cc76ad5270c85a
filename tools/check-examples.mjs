/** `npm run check`: the types of each example, which `pulumi up` leaves out so that it starts faster. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const EXAMPLES = resolve(import.meta.dirname, "../examples");
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

for (const name of readdirSync(EXAMPLES)) {
  const project = join(EXAMPLES, name);
  if (!existsSync(join(project, "tsconfig.json"))) continue;
  execFileSync(process.execPath, [tsc, "--noEmit", "-p", project], { stdio: "inherit" });
}

/** The compiled code of the proxy's process, and what tells one version of it from another, wherever it lies. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** From the sources, as tests run them, what was compiled of them. */
const COMPILED =
  extname(__filename) === ".ts" ? join(__dirname, "../../../dist/apis/tutum/proxy") : __dirname;
/** All it loads that is not beside its entry. */
const OTHERS = ["http/host-names.js", "http/trusted-proxies.js", "errors.js"].map(
  name => `../../../host/${name}`,
);

export const ENTRY = join(COMPILED, "plane", "main.js");

export function codeOf(): string {
  const hash = createHash("sha256").update(process.version);
  const plane = join(COMPILED, "plane");
  const files = readdirSync(plane)
    .filter(name => name.endsWith(".js"))
    .sort()
    .map(name => join(plane, name));
  for (const file of [...files, ...OTHERS.map(name => join(COMPILED, name))]) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

// Compiles provider/ and server/ to what is published of them. `npm run build`, npm's `prepare`, and a step of set-up.
// What was compiled is remembered by a hash of all sources, so an unchanged tree costs milliseconds, not a start of tsc.

import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { CLONE_LOCK, isMain, ROOT } from "./clone.mjs";
import { bringDeclarations, removeComments } from "./compiled-files.mjs";
import { withLock } from "./lock.mjs";
import { say, step } from "./progress.mjs";
import { runCommand } from "./run-command.mjs";

/** Source folder -> where tsc puts its output. */
const PROJECTS = { provider: "dist", server: "server/dist" };
const REMEMBERED = "dist/.sources";

/** @param {string} root */
export function isBuilt(root) {
  const remembered = path.join(root, REMEMBERED);
  if (!Object.values(PROJECTS).every(dist => fs.existsSync(path.join(root, dist, ".tsbuildinfo"))))
    return false;
  return fs.existsSync(remembered) && fs.readFileSync(remembered, "utf8") === hashOfSources(root);
}

/**
 * @param {string} root
 * @param {import("./lock.mjs").Lock} lock
 */
export async function build(root, lock) {
  const { resolve: find } = createRequire(path.join(root, "package.json"));
  const hash = hashOfSources(root);
  await step("Compiling provider/ and server/ (the provider host runs JavaScript)", async () => {
    for (const [sources, dist] of Object.entries(PROJECTS))
      removeOrphans(path.join(root, sources), path.join(root, dist));
    const tsc = [process.execPath, find("typescript/bin/tsc")];
    await runCommand([...tsc, "--build", ...Object.keys(PROJECTS)], { cwd: root, lock });
    const { default: typescript } = await import(pathToFileURL(find("typescript")).href);
    for (const dist of Object.values(PROJECTS)) removeComments(path.join(root, dist), typescript);
    bringDeclarations(path.join(root, PROJECTS.server), "provider", path.join(root, PROJECTS.provider));
  });
  fs.writeFileSync(path.join(root, REMEMBERED), hash);
}

/** @param {string} root */
function hashOfSources(root) {
  const hash = createHash("sha256");
  const files = Object.keys(PROJECTS).flatMap(folder => sourcesIn(path.join(root, folder)));
  const how = ["tsconfig.base.json", "package-lock.json", "tools/build.mjs", "tools/compiled-files.mjs"];
  for (const file of [...files, ...how]) {
    const content = fs.readFileSync(path.resolve(root, file));
    hash.update(`${path.relative(root, path.resolve(root, file))} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function sourcesIn(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return ["dist", "node_modules"].includes(entry.name) ? [] : sourcesIn(file);
    return /\.(ts|json)$/.test(entry.name) ? [file] : [];
  });
}

/**
 * tsc leaves the output of a deleted source, and an import of it would go on working here and nowhere else.
 * @param {string} sources
 * @param {string} dist
 */
function removeOrphans(sources, dist) {
  if (!fs.existsSync(dist)) return;
  for (const name of fs.readdirSync(dist, { encoding: "utf8", recursive: true })) {
    const source = name.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    if (source !== name && !fs.existsSync(path.join(sources, source))) fs.rmSync(path.join(dist, name));
  }
}

function hasTypeScript() {
  try {
    createRequire(path.join(ROOT, "package.json")).resolve("typescript/bin/tsc");
    return true;
  } catch {
    return false;
  }
}

if (isMain(import.meta.url)) {
  if (hasTypeScript()) {
    await withLock(CLONE_LOCK, "compiling", async lock => {
      if (!isBuilt(ROOT)) await build(ROOT, lock);
    }).catch(error => {
      say(error.message);
      process.exitCode = 1;
    });
  } else if (!fs.existsSync(path.join(ROOT, "dist", "index.js"))) {
    // npm runs `prepare` after an install without devDependencies too; what was compiled before is then all there is.
    say(
      "pulumi-tutum is not compiled, and TypeScript is not installed: run `npm ci` here, with devDependencies",
    );
    process.exitCode = 1;
  }
}

// Builds the Pulumi CLI and its Node language host from Go modules: for machines that reach the Go module proxy and
// not the vendor. Two modules, cli/ and language-host/, because the two need two versions of Pulumi's Go SDK.

import path from "node:path";
import { say, step } from "../progress.mjs";
import { runCommand } from "../run-command.mjs";
import { PULUMI_VERSION } from "./version.mjs";

const OLDEST_GO = [1, 25, 8];
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const PROGRAMS = [
  {
    name: "pulumi",
    module: path.join(import.meta.dirname, "cli"),
    main: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: `-s -w -X ${VERSION_VARIABLE}=v${PULUMI_VERSION}`,
  },
  {
    name: "pulumi-language-nodejs",
    module: path.join(import.meta.dirname, "language-host"),
    main: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    ldflags: "-s -w",
  },
];

/**
 * @param {string} folder
 * @param {import("../lock.mjs").Lock} lock
 */
export async function buildWithGo(folder, lock) {
  // What go.sum says and nothing newer; the installed Go, no other downloaded; no workspace of the user's around us.
  // Without cgo a C compiler is neither needed nor asked, and the result runs on any system of the platform.
  const env = {
    ...process.env,
    GOFLAGS: "-mod=readonly",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    CGO_ENABLED: "0",
  };
  await checkGo(env);
  say("  go: building from Go modules; minutes the first time, and Go keeps about 3 GB in its caches");
  for (const { name, module, main, ldflags } of PROGRAMS) {
    const output = path.join(folder, "bin", name);
    await step(`Building ${name}`, async progress => {
      const counts = { downloaded: 0, compiled: 0, packages: 0 };
      const run = (/** @type {string[]} */ ...command) =>
        runCommand(command, { cwd: module, env, lock, onLine: line => count(line, counts, progress) });
      counts.packages = (await run("go", "list", "-deps", main)).trim().split("\n").length;
      counts.compiled = 0;
      await run("go", "build", "-v", "-ldflags", ldflags, "-o", output, main);
    });
  }
}

/**
 * Reads go's own account of its work.
 * @param {string} line
 * @param {{ downloaded: number, compiled: number, packages: number }} counts
 * @param {(text: string) => void} progress
 * @returns {boolean} whether the line was only progress
 */
function count(line, counts, progress) {
  const isDownload = line.startsWith("go: downloading ");
  const isPackage = /^[\w.~/-]+$/.test(line);
  if (isDownload) counts.downloaded++;
  if (isPackage) counts.compiled++;
  const downloaded = counts.downloaded > 0 ? [`${counts.downloaded} Go modules downloaded`] : [];
  const compiled = counts.packages > 0 ? [`${counts.compiled} of ${counts.packages} packages compiled`] : [];
  progress([...downloaded, ...compiled].join(", "));
  return isDownload || isPackage;
}

/** @param {NodeJS.ProcessEnv} env */
async function checkGo(env) {
  const version = await runCommand(["go", "env", "GOVERSION"], { cwd: "/", env }).catch(() => {
    throw new Error(`no Go here (${OLDEST_GO.join(".")} or later would build it)`);
  });
  const found = version.replace(/^go/, "").trim();
  const [major = 0, minor = 0, patch = 0] = found.split(".").map(part => Number.parseInt(part, 10) || 0);
  const [oldMajor = 0, oldMinor = 0, oldPatch = 0] = OLDEST_GO;
  const isOld = major - oldMajor || minor - oldMinor || patch - oldPatch;
  if (isOld < 0) throw new Error(`Go ${found} is older than ${OLDEST_GO.join(".")}`);
}

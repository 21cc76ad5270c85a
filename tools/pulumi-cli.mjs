// Finds the Pulumi CLI, or obtains it once per machine: the one on PATH when it is new enough, then the user's cache,
// then the vendor's download, then a build from Go modules. A way that fails says why in one line.
//
// `node tools/pulumi-cli.mjs` prints its path.
// PULUMI_TUTUM_CLI_WAYS=path,cache,download,go (any of them) leaves ways out: for tests, and to force one.

import { isMain } from "./clone.mjs";
import { withLock } from "./lock.mjs";
import { say } from "./progress.mjs";
import { cacheFolder, findInCache, publish } from "./pulumi-cli/cache.mjs";
import { download } from "./pulumi-cli/download.mjs";
import { buildWithGo } from "./pulumi-cli/go-build.mjs";
import { findOnPath } from "./pulumi-cli/on-path.mjs";
import { PULUMI_VERSION } from "./pulumi-cli/version.mjs";

/**
 * `bin` is an absolute path. Its folder has to come first on PATH when it runs: Pulumi looks there for its plugins.
 * @typedef {{ bin: string, version: string, source: "path" | "cache" | "download" | "go" }} Pulumi
 */

const OBTAIN = /** @type {const} */ ({ download, go: buildWithGo });

/**
 * The CLI that is there already; installs nothing and says nothing.
 * @returns {Promise<Pulumi | undefined>}
 */
export async function findPulumi() {
  return (await find()).pulumi;
}

/**
 * The CLI, obtained if need be.
 * @returns {Promise<Pulumi>}
 */
export async function ensurePulumi() {
  const { pulumi, reasons } = await find();
  if (pulumi) return pulumi;
  say(
    `Pulumi ${PULUMI_VERSION} is not on this machine yet. Getting it once, for all clones: ${cacheFolder()}`,
  );
  for (const reason of reasons) say(`  ${reason}`);
  return withLock(`${cacheFolder()}.lock`, `getting Pulumi ${PULUMI_VERSION}`, async lock => {
    const byAnother = ways().includes("cache") && findInCache();
    if (byAnother) return byAnother;
    for (const way of /** @type {const} */ (["download", "go"])) {
      if (!ways().includes(way)) continue;
      try {
        await publish(folder => OBTAIN[way](folder, lock));
        return { bin: `${cacheFolder()}/bin/pulumi`, version: PULUMI_VERSION, source: way };
      } catch (error) {
        const reason = `${way}: ${error instanceof Error ? error.message : error}`;
        say(`  ${reason}`);
        reasons.push(reason);
      }
    }
    throw new Error(
      [
        `Pulumi ${PULUMI_VERSION} could not be obtained:`,
        ...reasons.map(reason => `  ${reason}`),
        "Ways out: install the Pulumi CLI yourself and have it on PATH, or install Go 1.25.8 or later, or let this",
        "machine reach the vendor's download. Then run the same command again.",
      ].join("\n"),
    );
  });
}

/** @returns {Promise<{ pulumi?: Pulumi, reasons: string[] }>} */
async function find() {
  /** @type {string[]} */
  const reasons = [];
  if (ways().includes("path")) {
    const found = await findOnPath();
    if (typeof found !== "string") return { pulumi: found, reasons };
    reasons.push(`path: ${found}`);
  }
  const cached = ways().includes("cache") ? findInCache() : undefined;
  return { pulumi: cached, reasons };
}

function ways() {
  return (process.env.PULUMI_TUTUM_CLI_WAYS ?? "path,cache,download,go").split(",");
}

if (isMain(import.meta.url)) {
  await ensurePulumi().then(
    ({ bin }) => console.log(bin),
    error => {
      say(error.message);
      process.exitCode = 1;
    },
  );
}

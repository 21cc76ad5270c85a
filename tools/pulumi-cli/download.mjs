// Gets the Pulumi CLI as the vendor offers it: by the installer in the SDK's own Automation API.

import { createRequire } from "node:module";
import path from "node:path";
import { ROOT } from "../clone.mjs";
import { step } from "../progress.mjs";
import { runCommand } from "../run-command.mjs";
import { PULUMI_VERSION } from "./version.mjs";

/** Where the Automation API downloads from. */
const VENDOR = "https://get.pulumi.com";
const REACHABLE_WITHIN_MS = 3_000;
const DEADLINE_MS = 60_000;

/** Of its own process, so that a download that hangs can be ended. */
const INSTALL = `
  const [automation, root] = process.argv.slice(1);
  require(automation).PulumiCommand.install({ root }).catch(error => {
    console.error(error.message);
    process.exitCode = 1;
  });`;

/**
 * @param {string} folder
 * @param {import("../lock.mjs").Lock} lock
 */
export async function download(folder, lock) {
  await fetch(VENDOR, { method: "HEAD", signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) }).catch(error => {
    throw new Error(`the vendor cannot be reached from here (${error.cause?.code ?? error.message})`);
  });
  const automation = createRequire(path.join(ROOT, "package.json")).resolve("@pulumi/pulumi/automation");
  await step(`Downloading Pulumi ${PULUMI_VERSION} from its vendor`, () =>
    runCommand([process.execPath, "-e", INSTALL, automation, folder], { lock, deadlineMs: DEADLINE_MS }),
  );
}

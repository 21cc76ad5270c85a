// `npm run up`, `preview`, `destroy`: runs the real Pulumi CLI on the example, with an embedded Tutum API, as the stack
// `local` of this clone. Any other Pulumi command works too: `npm run pulumi -- refresh --yes`.
//
// It is thin: `tutum-server exec -- pulumi up` with the settings that a person would otherwise make by hand.

import "./require-node.mjs";
import { spawn } from "node:child_process";
import path from "node:path";
import { isMain, LOCAL, ROOT } from "./clone.mjs";
import { stackEnvironment } from "./local-stack/environment.mjs";
import { outputTable } from "./local-stack/output-table.mjs";
import { prepareStack } from "./local-stack/prepare.mjs";
import { say } from "./progress.mjs";
import { runCommand } from "./run-command.mjs";
import { setUp } from "./setup.mjs";

/** What a person who types `npm run up` has already decided. */
const OWN_ARGUMENTS = /** @type {Record<string, string[]>} */ ({
  up: ["--yes", "--suppress-outputs"], // the outputs come as a table below
  destroy: ["--yes", "--suppress-outputs"],
});

const NEXT = `What to try next:
  npm run up                                         again: nothing to change
  npm run up -- --config webContainers=3             three web containers, by one PATCH
  npm run up -- --config webPublicDns=blog.test      a DNS name for the web application
  npm run preview -- --diff                          what the next up would change, in full
  npm run destroy                                    terminate the applications; the stack stays
The program is examples/linked-apps/index.ts, its settings are in Pulumi.local.yaml.`;

/**
 * The whole command line: an embedded server around the Pulumi CLI.
 * @param {string} pulumi
 * @param {string} command
 * @param {string[]} args
 */
export function commandLine(pulumi, command, args) {
  const server = [process.execPath, path.join(ROOT, "server", "bin", "tutum-server.js")];
  const exec = ["exec", "--data", path.join(LOCAL, "server"), "--"];
  return [...server, ...exec, pulumi, command, ...(OWN_ARGUMENTS[command] ?? []), ...args];
}

/**
 * @param {string[]} argv
 * @returns {Promise<number>} the exit code
 */
async function main([command, ...args]) {
  if (!command)
    throw new Error(
      "usage: npm run up|preview|destroy [-- arguments of Pulumi …], or npm run pulumi -- COMMAND …",
    );
  const { bin } = await setUp();
  process.umask(0o077); // from here on all files are the user's alone
  const env = stackEnvironment(bin);
  await prepareStack(bin, env);
  const code = await runInForeground(commandLine(bin, command, args), env);
  if (code !== 0 || args.some(arg => ["--json", "--help", "-h"].includes(arg))) return code;
  if (command === "up") {
    const outputs = await runCommand([bin, "stack", "output", "--json"], { cwd: ROOT, env });
    console.log(`\n${outputTable(JSON.parse(outputs))}\n\n${NEXT}`);
  }
  if (command === "destroy") console.log("The stack stays: `npm run up` makes its applications again.");
  return code;
}

/**
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
function runInForeground([program = "", ...args], env) {
  const child = spawn(program, args, { cwd: ROOT, env, stdio: "inherit" });
  // ^C on a terminal reaches Pulumi by itself, and it takes a second one for "stop at once": so one is only passed on
  // where there is no terminal. Either way Pulumi decides when this ends: it saves its state first.
  const passOn = () => void child.kill("SIGTERM");
  process.on("SIGTERM", passOn).on("SIGINT", process.stdin.isTTY ? () => {} : passOn);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", code => resolve(code ?? 1));
  });
}

if (isMain(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch(error => {
    say(error.message);
    return 1;
  });
}
